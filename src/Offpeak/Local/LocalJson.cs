using System.Text.Encodings.Web;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace Offpeak.Local;

/// <summary>How Microsoft.Extensions.AI writes its own types, without reflection.</summary>
internal static class LocalJson
{
    public static JavaScriptEncoder? Encoder => AIJsonUtilities.DefaultOptions.Encoder;

    public static JsonTypeInfo<ChatMessage> Message => Of<ChatMessage>();

    public static JsonTypeInfo<ChatOptions> Options => Of<ChatOptions>();

    public static JsonTypeInfo<ChatResponse> Response => Of<ChatResponse>();

    private static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(T));
}
