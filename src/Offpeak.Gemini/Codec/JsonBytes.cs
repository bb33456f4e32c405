using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Offpeak.Gemini.Codec;

/// <summary>JSON on one line, with nothing escaped that need not be.</summary>
internal static class JsonBytes
{
    private static readonly JsonWriterOptions OnOneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1_100 };

    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(bytes, OnOneLine))
            write(json);
        return bytes.WrittenSpan.ToArray();
    }
}
