using Offpeak.Gemini.Wire;
using Offpeak.Kit.Http;
using Offpeak.Providers;

namespace Offpeak.Gemini.Calls;

/// <summary>Makes sure that the input file of a submission is at the provider and may be used.</summary>
internal sealed class GeminiUpload(ProviderHttp http, GeminiOptions options, TimeProvider time)
{
    private const string UploadAction = "upload the input file";

    /// <summary>
    /// Takes the file an earlier attempt journalled if Google still has it (it keeps files for 48 hours), and else uploads it.
    /// </summary>
    public async Task<string> EnsureAsync(Submission submission, CancellationToken cancellationToken)
    {
        // The entries of a shard do not change: a file that was left to another attempt is as good.
        foreach (var known in submission.Journal.AllOf(GeminiJournalNames.InputFile))
        {
            var file = await LookAsync(known, cancellationToken);
            if (file is { IsUnusable: false })
                return await WaitAsync(known, file, cancellationToken);
        }

        var uploaded = await UploadAsync(submission, cancellationToken);
        await submission.JournalAsync(GeminiJournalNames.InputFile, uploaded.Name!, cancellationToken);
        return await WaitAsync(uploaded.Name!, uploaded, cancellationToken);
    }

    /// <summary>
    /// A resumable upload in two calls (Gemini API reference, media.upload). Nothing is resumed: an upload that broke is made again, as
    /// one that was never finished leaves no file behind.
    /// </summary>
    private async Task<GeminiFile> UploadAsync(Submission submission, CancellationToken cancellationToken)
    {
        using var limit = http.NewTransferLimit(cancellationToken);
        using var lines = new EntryContent(submission, BatchFormats.File, limit.Renew);
        var url = await StartAsync(submission, lines.Length, cancellationToken);
        using var request = http.NewRequest(HttpMethod.Post, url, lines);
        request.Headers.Add("X-Goog-Upload-Offset", "0");
        request.Headers.Add("X-Goog-Upload-Command", "upload, finalize");
        limit.Renew();
        var reply = await http.CallAsync(request, limit, UploadAction, cancellationToken);
        if (!reply.IsSuccess)
            throw http.Errors.FromReply(reply, UploadAction, namesAnObject: false);
        return GeminiFile.Parse(reply.Body) is { Name: not null } file
            ? file
            : throw http.Errors.Make(ProviderErrorClass.Unexpected, $"{options.Name} took the input file but gave no name for it");
    }

    private async Task<string> StartAsync(Submission submission, long length, CancellationToken cancellationToken)
    {
        using var request = http.NewRequest(
            HttpMethod.Post, ApiPath.Upload, BatchFormats.UploadStart(submission.Key.Value + ".jsonl"));
        request.Headers.Add("X-Goog-Upload-Protocol", "resumable");
        request.Headers.Add("X-Goog-Upload-Command", "start");
        request.Headers.Add("X-Goog-Upload-Header-Content-Length", length.ToString());
        request.Headers.Add("X-Goog-Upload-Header-Content-Type", BatchFormats.File.ContentType);
        var reply = await http.CallAsync(request, UploadAction, cancellationToken);
        if (!reply.IsSuccess)
            throw http.Errors.FromReply(reply, UploadAction, namesAnObject: false);
        return reply.Headers!.TryGetValues("X-Goog-Upload-URL", out var urls) && urls.FirstOrDefault() is { Length: > 0 } url
            && url.Contains("://", StringComparison.Ordinal)
            ? url
            : throw http.Errors.Make(ProviderErrorClass.Unexpected, $"{options.Name} named no address to upload to");
    }

    private async Task<GeminiFile?> LookAsync(string name, CancellationToken cancellationToken)
    {
        const string Action = "look at the input file";
        var reply = await http.CallAsync(HttpMethod.Get, ApiPath.Of("files", name), Action, cancellationToken);
        if (GoogleError.IsGone(reply))
            return null;
        if (!reply.IsSuccess)
            throw http.Errors.FromReply(reply, Action, namesAnObject: true);
        return GeminiFile.Parse(reply.Body) ?? new(name, null, null);
    }

    private async Task<string> WaitAsync(string name, GeminiFile file, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (file.IsPending)
        {
            if (time.GetElapsedTime(started) >= options.FileReadyTimeout)
                throw http.Errors.Make(ProviderErrorClass.Transient, $"{options.Name} still processes the input file");
            await Task.Delay(options.FileReadyInterval, time, cancellationToken);
            file = await LookAsync(name, cancellationToken)
                ?? throw http.Errors.Make(ProviderErrorClass.Transient, $"{options.Name} lost the input file while processing it");
        }

        if (file.IsUnusable)
            throw http.Errors.Make(
                ProviderErrorClass.Refused, $"{options.Name} could not process the input file: {file.Reason ?? "it gave no reason"}");
        return name;
    }
}
