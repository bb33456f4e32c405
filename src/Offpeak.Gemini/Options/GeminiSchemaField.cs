namespace Offpeak.Gemini;

/// <summary>The field of a request that carries the JSON schema of a structured answer (Gemini API reference, GenerationConfig).</summary>
public enum GeminiSchemaField
{
    /// <summary><c>responseJsonSchema</c>: the schema as it is.</summary>
    ResponseJsonSchema,

    /// <summary>
    /// <c>responseSchema</c>: the older field, in Google's own form. Words that it does not have are refused by name, but for
    /// <c>additionalProperties</c>, which it leaves out.
    /// </summary>
    ResponseSchema,
}
