using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Offpeak.Cli.Input;
using Offpeak.Codec;
using Offpeak.Models;
using Offpeak.Providers;

namespace Offpeak.Cli.Running;

/// <summary>The settings checked against the input: which endpoint and schema, and the key by which the same command is recognised.</summary>
internal sealed record RunPlan(BatchEndpoint Endpoint, JsonElement? Schema, string InputKey)
{
    /// <summary>Who is to be asked.</summary>
    /// <exception cref="OffpeakException">The model has another form, or nobody has the provider's name.</exception>
    public static IBatchProvider ProviderOf(RunSettings settings, IServiceProvider services) =>
        services.GetRequiredService<ProviderRegistry>().Get(ModelName.Split(settings.Model).Provider);

    /// <summary>Checks settings against the input.</summary>
    /// <exception cref="InputException">They do not fit; the message says what to change.</exception>
    public static RunPlan Make(RunSettings settings, RunInput input, IBatchProvider provider)
    {
        var endpoint = EndpointOf(settings, input, provider.Capabilities);
        if (provider.Capabilities.TakesOpenAIBodies && input.Model is { } named && !settings.Model.EndsWith($"/{named}", StringComparison.Ordinal))
            throw new InputException($"The lines of {settings.Input} name the model '{named}', but --model says '{settings.Model}'. Make them agree.");

        if (input.Url is not null && (settings.System ?? settings.SchemaFile) is not null)
            throw new InputException("--system and --schema do not apply to OpenAI batch lines, which are sent as they are. Leave them out.");

        if (input.Url is not null && settings.IdColumn is not null)
            throw new InputException("--id does not apply to OpenAI batch lines, whose id is their custom_id. Leave it out.");

        var schema = settings.SchemaFile is { } file ? SchemaFile.Read(file) : (JsonElement?)null;
        return new RunPlan(endpoint, schema, KeyOf(settings, endpoint, schema, input));
    }

    /// <summary>The batch to make.</summary>
    public NewBatch Describe(RunSettings settings) => new(settings.Model)
    {
        Name = settings.Name ?? settings.InputName,
        Endpoint = Endpoint,
        InputKey = InputKey,
        MaxCost = settings.MaxCost,
        Canary = settings.Canary,
        Fallback = settings.Fallback,
        FallbackAfter = settings.FallbackAfter,
    };

    private static BatchEndpoint EndpointOf(RunSettings settings, RunInput input, ProviderCapabilities provider)
    {
        BatchEndpoint? chosen = settings.Endpoint switch
        {
            "responses" => BatchEndpoint.Responses,
            "chat" => BatchEndpoint.Chat,
            "embeddings" => BatchEndpoint.Embeddings,
            _ => null,
        };
        if (input.Url is not { } url)
            return chosen ?? DefaultOf(provider);

        return chosen is null || chosen.Value.Path == url
            ? new BatchEndpoint(url)
            : throw new InputException($"The lines of {settings.Input} are for {url}, but --endpoint says {settings.Endpoint}. Leave --endpoint out.");
    }

    // Responses, unless the provider has no such thing: many that speak OpenAI's dialect know chat completions only.
    private static BatchEndpoint DefaultOf(ProviderCapabilities provider) =>
        provider.Endpoints.Count > 0 && !provider.Endpoints.Contains(BatchEndpoint.Responses) && provider.Endpoints.Contains(BatchEndpoint.Chat)
            ? BatchEndpoint.Chat
            : BatchEndpoint.Responses;

    // Everything that changes what is sent; not where results go, how often is polled, or what the batch is called. A setting that came later
    // is left out where it is not used, so that batches of an older version are found again.
    private static string KeyOf(RunSettings settings, BatchEndpoint endpoint, JsonElement? schema, RunInput input)
    {
        using var buffer = new MemoryStream();
        using (var parts = new Utf8JsonWriter(buffer))
        {
            parts.WriteStartArray();
            foreach (var part in (string?[])[input.ContentHash, settings.Model, endpoint.Path, settings.Prompt, settings.System, schema?.GetRawText()])
                parts.WriteStringValue(part);

            if (settings.Fallback is { } fallback)
                parts.WriteStringValue(fallback);

            // What an older version sent had the braces in it.
            if (input.FillsSystem)
                parts.WriteStringValue("system filled in");

            if (settings.IdColumn is { } id)
                parts.WriteStringValue($"id {id}");

            parts.WriteEndArray();
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }
}
