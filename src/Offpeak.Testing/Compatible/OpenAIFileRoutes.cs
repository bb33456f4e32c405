using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Offpeak.Testing.Compatible;

/// <summary>OpenAI API reference: Files.</summary>
/// <param name="state">Holds the files.</param>
/// <param name="defaultPurpose">Taken where the caller names none; null demands one.</param>
/// <param name="pendingAtFirst">Whether a file is pending in the answer to its upload.</param>
/// <param name="wrapper">How the list of files is wrapped.</param>
internal sealed class OpenAIFileRoutes(
    EmulatorState state, string? defaultPurpose = null, bool pendingAtFirst = false, ListWrapper wrapper = ListWrapper.Data)
{
    private const int MostPerPage = 10_000;
    private const string ExpirySeconds = "expires_after[seconds]";

    public async Task<Reply> UploadAsync(HttpContext context)
    {
        var upload = await MultipartUpload.ReadAsync(context.Request, state.Files, context.RequestAborted);
        if (upload?.TemporaryPath is not { } path)
            return OpenAIRefusals.Missing("file");
        if (Refuse(upload, out var expiresAfter) is { } refusal)
        {
            File.Delete(path);
            return refusal;
        }

        var file = state.Files.Adopt(path, upload.FileName!, PurposeOf(upload)!, state.Time.GetUtcNow(), expiresAfter);
        var rendered = Render(file);
        if (pendingAtFirst)
            rendered["status"] = "pending";
        return new JsonReply(rendered);
    }

    public Reply List(HttpContext context)
    {
        var request = context.Request;
        if (OpenAIList.Limit(request, MostPerPage, MostPerPage) is not { } limit)
            return OpenAIList.InvalidLimit(MostPerPage);
        var purpose = request.Query["purpose"].ToString();
        var files = state.Files.Snapshot().Where(file => purpose.Length == 0 || file.Purpose == purpose);
        if (request.Query["order"] != "asc")
            files = files.Reverse();
        if (OpenAIList.After(request, [.. files], file => file.Id) is not { } rest)
            return OpenAIList.InvalidAfter(request);
        return OpenAIList.Render([.. rest.Take(limit).Select(Render)], rest.Count > limit, wrapper);
    }

    public Reply Get(HttpContext context) =>
        Find(context) is { } file ? new JsonReply(Render(file)) : OpenAIRefusals.NoFile(IdOf(context));

    public Reply Delete(HttpContext context)
    {
        var id = IdOf(context);
        return state.Files.Delete(id)
            ? new JsonReply(new JsonObject { ["object"] = "file", ["deleted"] = true, ["id"] = id })
            : OpenAIRefusals.NoFile(id);
    }

    public Reply Download(HttpContext context) =>
        Find(context) is { } file ? new FileReply(state.Files.PathOf(file), file.FileName) : OpenAIRefusals.NoFile(IdOf(context));

    private string? PurposeOf(MultipartUpload upload) => upload.Fields.GetValueOrDefault("purpose") ?? defaultPurpose;

    private Reply? Refuse(MultipartUpload upload, out TimeSpan? expiresAfter)
    {
        expiresAfter = null;
        if (PurposeOf(upload) is not { } purpose)
            return OpenAIRefusals.Missing("purpose");
        if (purpose.StartsWith("batch", StringComparison.Ordinal) && !upload.FileName!.EndsWith(".jsonl", StringComparison.Ordinal))
            return OpenAIRefusals.Reply(400, "Invalid file format for Batch API. Must be .jsonl");
        if (!upload.Fields.TryGetValue(ExpirySeconds, out var text))
            return null;
        if (!int.TryParse(text, out var seconds) || !ExpiryRange.Holds(seconds))
            return OpenAIRefusals.Invalid(ExpirySeconds, ExpiryRange.Message(ExpirySeconds));
        expiresAfter = TimeSpan.FromSeconds(seconds);
        return null;
    }

    private EmulatedFile? Find(HttpContext context) => state.Files.Find(IdOf(context));

    private static string IdOf(HttpContext context) => (string)context.Request.RouteValues["fileId"]!;

    private static JsonObject Render(EmulatedFile file) => new()
    {
        ["object"] = "file",
        ["id"] = file.Id,
        ["purpose"] = file.Purpose,
        ["filename"] = file.FileName,
        ["bytes"] = file.Bytes,
        ["created_at"] = file.CreatedAt.ToUnixTimeSeconds(),
        ["expires_at"] = file.ExpiresAt.ToUnixTimeSeconds(),
        ["status"] = "processed",
        ["status_details"] = null,
    };
}
