using System.Text.Encodings.Web;
using System.Text.Json;

namespace Offpeak.Testing;

internal static class AnswerJson
{
    public static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly JsonWriterOptions Indented = Compact with { Indented = true };
}
