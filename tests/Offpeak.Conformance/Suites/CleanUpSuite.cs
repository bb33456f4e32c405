using Offpeak.Conformance.Subjects;
using Offpeak.Conformance.Support;
using Offpeak.Providers;
using Offpeak.Testing;

namespace Offpeak.Conformance.Suites;

/// <summary>Nothing of ours stays at the provider when a batch is done with.</summary>
public abstract class CleanUpSuite<TSubject> : ProviderSuite<TSubject>
    where TSubject : ProviderSubject, new()
{
    [Fact]
    public async Task No_file_is_left()
    {
        var batch = await EndAsync(await SubmitAsync(4));
        await ReadAsync(batch);
        await Provider.CleanUpAsync(batch, default);
        Assert.Empty(Emulator.Files);
    }

    [Fact]
    public async Task What_is_already_gone_is_no_error()
    {
        var batch = await EndAsync(await SubmitAsync(4));
        await Provider.CleanUpAsync(batch, default);
        await Provider.CleanUpAsync(batch, default);
        await Provider.CleanUpAsync(batch with { Journal = Journal.Empty }, default);
    }

    [Fact]
    public async Task Files_of_other_batches_stay()
    {
        var other = await EndAsync(await SubmitAsync(2, new SubmissionKey("op-other")));
        var files = Emulator.Files.Count;
        await Provider.CleanUpAsync(await EndAsync(await SubmitAsync(2)), default);
        Assert.Equal(files, Emulator.Files.Count);
        Assert.Equal(2, (await ReadAsync(other)).Count);
    }

    [Fact]
    public async Task A_clean_up_that_met_trouble_can_be_done_again()
    {
        var batch = await EndAsync(await SubmitAsync(4));
        foreach (var call in (EmulatorOperation[])[EmulatorOperation.DeleteFile, EmulatorOperation.DeleteBatch])
        {
            Emulator.Faults.Add(Fault.Respond(call, 503), Fault.DropAfterCommit(call) with { Nth = 2 });
            for (var attempt = 0; attempt < 4; attempt++)
            {
                if (await Record.ExceptionAsync(() => Provider.CleanUpAsync(batch, default)) is { } error)
                    Assert.Equal(ProviderErrorClass.Transient, Assert.IsType<ProviderException>(error).Class);
            }
        }

        await Provider.CleanUpAsync(batch, default);
        Assert.Empty(Emulator.Files);
    }
}
