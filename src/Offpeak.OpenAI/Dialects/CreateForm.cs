namespace Offpeak.OpenAI.Dialects;

/// <summary>The forms of a create call.</summary>
internal enum CreateForm
{
    /// <summary>Input file, endpoint, window and metadata.</summary>
    File,

    /// <summary>The same without metadata.</summary>
    FileWithoutMetadata,

    /// <summary>Mistral's job: a list of input files, endpoint, model, hours and metadata.</summary>
    Job,

    /// <summary>Endpoint, model and window, and after them the requests themselves.</summary>
    Inline,
}
