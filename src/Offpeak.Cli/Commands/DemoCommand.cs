using System.CommandLine;
using Offpeak.Cli.Demo;

namespace Offpeak.Cli.Commands;

/// <summary><c>offpeak demo</c>: emulator and a batch of real texts, end to end, with a lost reply and a killed worker on the way.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var folder = new Option<string>("--folder") { Description = "Where the demo keeps its files.", HelpName = "FOLDER", DefaultValueFactory = _ => "offpeak-demo" };
        var command = new Command("demo", "Shows a batch end to end against a local emulator: no key, no cost, about 15 seconds.") { folder };
        command.SetAction((parsed, ct) => new DemoRun(parsed.GetValue(folder)!).RunAsync(ct));
        return command;
    }
}
