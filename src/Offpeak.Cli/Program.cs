using System.CommandLine;
using Offpeak.Cli;
using Offpeak.Cli.Commands;

var root = new RootCommand("Runs large numbers of LLM requests through the providers' Batch APIs, at half the price, and loses nothing.")
{
    RunCommand.Create(),
    ListCommand.Create(),
    ShowCommand.Create(),
    ResultsCommand.Create(),
    EstimateCommand.Create(),
    CancelCommand.Create(),
    RetryCommand.Create(),
    WorkCommand.Create(),
    EmulatorCommand.Create(),
    DemoCommand.Create(),
};
return await CommandLine.InvokeAsync(root, args);
