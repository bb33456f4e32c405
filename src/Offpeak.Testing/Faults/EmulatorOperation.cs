namespace Offpeak.Testing;

/// <summary>What a call to the emulator asks for, whatever the provider calls it.</summary>
public enum EmulatorOperation
{
    /// <summary>A path that no provider serves; answered with 404.</summary>
    Unknown,

    /// <summary>Send an input file.</summary>
    UploadFile,

    /// <summary>Page through the files.</summary>
    ListFiles,

    /// <summary>Read one file's description.</summary>
    GetFile,

    /// <summary>Remove a file.</summary>
    DeleteFile,

    /// <summary>Download a file's bytes.</summary>
    DownloadFile,

    /// <summary>Make a batch.</summary>
    CreateBatch,

    /// <summary>Read one batch.</summary>
    GetBatch,

    /// <summary>Page through the batches.</summary>
    ListBatches,

    /// <summary>Ask a batch to stop.</summary>
    CancelBatch,

    /// <summary>Remove a batch.</summary>
    DeleteBatch,

    /// <summary>Read a batch's results where they are no file: Anthropic's stream, xAI's pages.</summary>
    GetResults,

    /// <summary>Add requests to a batch that exists (xAI).</summary>
    AppendRequests,

    /// <summary>Page through a batch's requests (xAI).</summary>
    ListRequests,

    /// <summary>A synchronous model call: chat completion, response or embedding.</summary>
    Generate,
}
