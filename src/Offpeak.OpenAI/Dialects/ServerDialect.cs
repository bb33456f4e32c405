namespace Offpeak.OpenAI;

/// <summary>The dialects of OpenAI's Batch API that are known; what each does differently is written in docs/providers.md.</summary>
public enum ServerDialect
{
    /// <summary>OpenAI's own, and servers that follow it.</summary>
    OpenAI,

    /// <summary>Azure OpenAI (Azure OpenAI reference, Batch).</summary>
    Azure,

    /// <summary>Groq (Groq API reference, Batches).</summary>
    Groq,

    /// <summary>Together AI (Together API reference, Batches).</summary>
    Together,

    /// <summary>Mistral's batch jobs (Mistral API reference, Batch).</summary>
    Mistral,

    /// <summary>OpenRouter (OpenRouter API reference, Batch).</summary>
    OpenRouter,
}
