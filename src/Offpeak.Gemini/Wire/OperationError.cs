using System.Text.Json;
using Offpeak.Kit.Json;

namespace Offpeak.Gemini.Wire;

/// <summary>Why an operation failed (google.rpc.Status).</summary>
internal sealed record OperationError(long? Code, string? Word, string? Message)
{
    public static OperationError From(JsonElement error) => new(error.WholeNumber("code"), error.Text("status"), error.Text("message"));

    public bool IsCapacity => RpcCode.IsCapacity(Code, Word, Message);
}
