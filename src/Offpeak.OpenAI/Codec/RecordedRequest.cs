using System.ClientModel;
using System.ClientModel.Primitives;

namespace Offpeak.OpenAI.Codec;

/// <summary>A request that is never sent.</summary>
internal sealed class RecordedRequest : PipelineRequest
{
    private readonly RecordedHeaders headers = new();

    protected override string MethodCore { get; set; } = "POST";

    protected override Uri? UriCore { get; set; }

    protected override BinaryContent? ContentCore { get; set; }

    protected override PipelineRequestHeaders HeadersCore => headers;

    public override void Dispose() => ContentCore?.Dispose();
}
