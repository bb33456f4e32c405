using LibraryHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Offpeak;
using Offpeak.Policies;
using Offpeak.Testing;

// A host that sends a few prompts through a batch and prints the answers. Without OPENAI_API_KEY it talks to a local emulator.
await using var emulator = Environment.GetEnvironmentVariable("OPENAI_API_KEY") is null ? await EmulatorServer.StartAsync() : null;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddOffpeak(offpeak => offpeak
    .UseSqlite("library-host.db")
    .AddOpenAI(options =>
    {
        if (emulator is not null)
            (options.ApiKey, options.BaseUrl) = ("emulator", emulator.OpenAIBaseUrl.ToString());
    })
    .AddHandler<PrintAnswers>("print-answers")
    .Configure(options => options.PollSchedule = PollSchedule.Parse("1s,5s,1m")));
using var host = builder.Build();
await host.StartAsync();

var client = host.Services.GetRequiredService<BatchClient>();
var batch = await client.CreateAsync(new NewBatch("openai/gpt-5-nano") { Name = "capitals", Handler = "print-answers" });
string[] countries = ["France", "Japan", "Kenya", "Peru"];
await client.AddEntriesAsync(batch.Id, countries.Select(country => NewEntry.FromPrompt(country, $"What is the capital of {country}?")));
await client.SubmitAsync(batch.Id);     // durable when it returns; the rest follows by itself

await host.WaitForShutdownAsync();
