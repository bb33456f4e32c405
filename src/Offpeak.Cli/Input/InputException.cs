namespace Offpeak.Cli.Input;

/// <summary>The input cannot be used; the message is complete and meant to be printed as it is.</summary>
internal sealed class InputException(string message, Exception? cause = null) : Exception(message, cause);
