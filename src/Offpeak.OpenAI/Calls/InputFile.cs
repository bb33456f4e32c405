using Offpeak.OpenAI.Dialects;
using Offpeak.OpenAI.Wire;
using Offpeak.Providers;
using Offpeak.Kit.Http;

namespace Offpeak.OpenAI.Calls;

/// <summary>Makes sure that the input file of a submission is at the provider and may be used.</summary>
internal sealed class InputFile(ProviderHttp http, Dialect dialect, TimeProvider time)
{
    private readonly OpenAIOptions options = dialect.Options;

    /// <summary>
    /// Takes the file an earlier attempt journalled if the provider still has it, and else uploads it. A look before the create call
    /// costs one read and saves a create call that is bound to fail.
    /// </summary>
    public async Task<string> EnsureAsync(Submission submission, CancellationToken cancellationToken)
    {
        if (submission.Journal[StateNames.InputFile] is { } known)
        {
            var file = await LookAsync(known, cancellationToken);
            if (file is not null)
                return await WaitAsync(known, file, cancellationToken);
        }
        var uploaded = await UploadAsync(submission, cancellationToken);
        await submission.JournalAsync(StateNames.InputFile, uploaded.Id!, cancellationToken);
        return await WaitAsync(uploaded.Id!, uploaded, cancellationToken);
    }

    private async Task<FileObject> UploadAsync(Submission submission, CancellationToken cancellationToken)
    {
        const string Action = "upload the input file";
        using var limit = http.NewTransferLimit(cancellationToken);
        using var lines = new EntryContent(submission, InputFileFormat.For(dialect, submission.Endpoint), limit.Renew);
        using var form = UploadForm.Make(dialect.FilePurpose, submission.Key.Value + ".jsonl", lines, dialect.Profile.NamesUploads);
        using var request = http.NewRequest(HttpMethod.Post, dialect.Profile.UploadPath, form);
        var reply = await http.CallAsync(request, limit, Action, cancellationToken);
        if (!reply.IsSuccess)
            throw http.Errors.FromReply(reply, Action, namesAnObject: false);
        return FileObject.Parse(reply.Body) is { Id: not null } file
            ? file
            : throw http.Errors.Make(ProviderErrorClass.Unexpected, $"{options.Name} took the input file but gave no id for it");
    }

    private async Task<FileObject?> LookAsync(string id, CancellationToken cancellationToken)
    {
        const string Action = "look at the input file";
        var reply = await http.CallAsync(HttpMethod.Get, "files/" + Uri.EscapeDataString(id), Action, cancellationToken);
        if (reply.Status is 404 or 410)
            return null;
        if (!reply.IsSuccess)
            throw http.Errors.FromReply(reply, Action, namesAnObject: true);
        var file = FileObject.Parse(reply.Body) ?? new(id, null, null);
        return file.IsGone ? null : file;
    }

    private async Task<string> WaitAsync(string id, FileObject file, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (file.IsPending)
        {
            if (time.GetElapsedTime(started) >= options.FileReadyTimeout)
                throw http.Errors.Make(ProviderErrorClass.Transient, $"{options.Name} still processes the input file");
            await Task.Delay(options.FileReadyInterval, time, cancellationToken);
            file = await LookAsync(id, cancellationToken)
                ?? throw http.Errors.Make(ProviderErrorClass.Transient, $"{options.Name} lost the input file while processing it");
        }
        if (file.IsUnusable)
            throw http.Errors.Make(
                ProviderErrorClass.Refused, $"{options.Name} could not process the input file: {file.StatusDetails ?? "it gave no reason"}");
        return id;
    }
}
