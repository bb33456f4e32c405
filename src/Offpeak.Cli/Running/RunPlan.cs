using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Offpeak.Cli.Input;
using Offpeak.Cli.Output;
using Offpeak.Codec;
using Offpeak.Providers;

namespace Offpeak.Cli.Running;

/// <summary>The settings checked against the input: which endpoint and schema, and the key by which the same command is recognised.</summary>
internal sealed record RunPlan(BatchEndpoint Endpoint, JsonElement? Schema, string InputKey)
{
    /// <summary>Checks settings against the input.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="input">The input.</param>
    /// <param name="provider">What the provider can do.</param>
    /// <exception cref="InputException">They do not fit; the message says what to change.</exception>
    public static RunPlan Make(RunSettings settings, InputFile input, ProviderCapabilities provider)
    {
        ResultsFile.Check(settings.OutputPath);
        var endpoint = EndpointOf(settings, input, provider);
        if (provider.TakesOpenAIBodies && input.Model is { } named && !settings.Model.EndsWith($"/{named}", StringComparison.Ordinal))
            throw new InputException($"The lines of {settings.Input} name the model '{named}', but --model says '{settings.Model}'. Make them agree.");
        if (input.Url is not null && (settings.System ?? settings.SchemaFile) is not null)
            throw new InputException("--system and --schema do not apply to OpenAI batch lines, which are sent as they are. Leave them out.");
        var schema = settings.SchemaFile is { } file ? ReadSchema(file) : (JsonElement?)null;
        return new RunPlan(endpoint, schema, KeyOf(settings, endpoint, schema, input.ContentHash));
    }

    private static BatchEndpoint EndpointOf(RunSettings settings, InputFile input, ProviderCapabilities provider)
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

    private static JsonElement ReadSchema(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new InputException($"{file} is not a JSON Schema: it must be a JSON object.");
        }
        catch (JsonException error)
        {
            throw new InputException($"The schema {file} is not valid JSON (line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}).", error);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"There is no schema file {file}. Check the path.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"The schema {file} cannot be read: {error.Message}", error);
        }
    }

    // A setting that came later is left out of the key where it is not used, so that batches of an older version are found again.
    private const int KeyParts = 6;

    // Everything that changes what is sent; not where results go, how often is polled, or what the batch is called.
    private static string KeyOf(RunSettings settings, BatchEndpoint endpoint, JsonElement? schema, string contentHash)
    {
        var parts = JsonSerializer.Serialize(
            new[] { contentHash, settings.Model, endpoint.Path, settings.Prompt, settings.System, schema?.GetRawText(), settings.Fallback }.Where((part, i) => part is not null || i < KeyParts));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts)));
    }
}
