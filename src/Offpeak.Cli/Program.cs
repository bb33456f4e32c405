using Offpeak.Cli;

return await CommandLine.InvokeAsync(args);
