namespace Offpeak.Providers;

/// <summary>Why a provider refused a batch as a whole.</summary>
/// <param name="Class">What kind of refusal; <see cref="ProviderErrorClass.Capacity"/> means: submit again later.</param>
/// <param name="Code">The provider's code, for example <c>invalid_json_line</c>.</param>
/// <param name="Message">The provider's message, free of keys, prompts and responses.</param>
public sealed record ProviderFailure(ProviderErrorClass Class, string? Code, string Message);
