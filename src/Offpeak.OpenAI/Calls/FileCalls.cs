using System.Diagnostics.CodeAnalysis;
using Offpeak.Kit.Http;
using Offpeak.OpenAI.Wire;
using Offpeak.Providers;

namespace Offpeak.OpenAI.Calls;

/// <summary>Makes sure that the input file of a submission is at the provider and may be used, and deletes a batch's files.</summary>
/// <param name="http">The door to the server.</param>
/// <param name="terms">How the server wants its files.</param>
/// <param name="time">The clock.</param>
[Experimental("OFFPEAK001")]
public sealed class FileCalls(ProviderHttp http, UploadTerms terms, TimeProvider time)
{
    /// <summary>
    /// Takes the file an earlier attempt journalled if the provider still has it, and else uploads it. A look before the create call
    /// costs one read and saves a create call that is bound to fail.
    /// </summary>
    public async Task<string> EnsureAsync(Submission submission, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(submission);
        // The entries of a shard do not change: a file that was left to another attempt is as good.
        foreach (var known in submission.Journal.AllOf(OpenAIJournalNames.InputFile))
        {
            var file = await LookAsync(known, cancellationToken);
            if (file is not null)
                return await WaitAsync(known, file, cancellationToken);
        }

        var uploaded = await UploadAsync(submission, cancellationToken);
        await submission.JournalAsync(OpenAIJournalNames.InputFile, uploaded.Id!, cancellationToken);
        return await WaitAsync(uploaded.Id!, uploaded, cancellationToken);
    }

    /// <summary>Deletes whatever files the shard's journal names, of all its attempts. Each is tried; the first failure is thrown.</summary>
    public Task DeleteAsync(ShardDescription shard, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(shard);
        var ids = new[] { OpenAIJournalNames.InputFile, OpenAIJournalNames.OutputFile, OpenAIJournalNames.ErrorFile }.SelectMany(shard.Journal.AllOf);
        return http.DeleteAllAsync(ids.Select(PathOf), "delete a file of the batch", isGone: null, cancellationToken);
    }

    private async Task<OpenAIFile> UploadAsync(Submission submission, CancellationToken ct)
    {
        const string Action = "upload the input file";
        using var limit = http.NewTransferLimit(ct);
        using var lines = new EntryContent(submission, terms.Lines(submission.Endpoint), limit.Renew);
        using var form = UploadForm.Make(terms.Purpose, submission.Key.Value + ".jsonl", lines, terms.NamesFile);
        using var request = http.NewRequest(HttpMethod.Post, terms.Path, form);
        var reply = await http.CallAsync(request, limit, Action, ct);
        if (!reply.IsSuccess)
            throw http.Errors.FromReply(reply, Action, namesAnObject: false);
        return OpenAIFile.Parse(reply.Body) is { Id: not null } file
            ? file
            : throw http.Errors.Make(ProviderErrorClass.Unexpected, $"{http.Name} took the input file but gave no id for it");
    }

    private async Task<OpenAIFile?> LookAsync(string id, CancellationToken ct)
    {
        const string Action = "look at the input file";
        var reply = await http.CallAsync(HttpMethod.Get, PathOf(id), Action, ct);
        if (reply.Status is 404 or 410)
            return null;
        if (!reply.IsSuccess)
            throw http.Errors.FromReply(reply, Action, namesAnObject: true);
        var file = OpenAIFile.Parse(reply.Body) ?? new(id, null, null);
        return file.IsGone ? null : file;
    }

    private async Task<string> WaitAsync(string id, OpenAIFile file, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        while (file.IsPending)
        {
            if (time.GetElapsedTime(started) >= terms.ReadyTimeout)
                throw http.Errors.Make(ProviderErrorClass.Transient, $"{http.Name} still processes the input file");
            await Task.Delay(terms.ReadyInterval, time, ct);
            file = await LookAsync(id, ct)
                ?? throw http.Errors.Make(ProviderErrorClass.Transient, $"{http.Name} lost the input file while processing it");
        }

        return file.IsUnusable
            ? throw http.Errors.Make(
                ProviderErrorClass.Refused, $"{http.Name} could not process the input file: {file.StatusDetails ?? "it gave no reason"}")
            : id;
    }

    private static string PathOf(string id) => "files/" + Uri.EscapeDataString(id);
}
