using System.Text.Json;
using System.Text.Json.Serialization;

namespace Offpeak.Models;

/// <summary>Reads the table of models without reflection, which every start would pay for.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, ReadCommentHandling = JsonCommentHandling.Skip, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(Dictionary<string, ModelLine>))]
internal sealed partial class ModelJson : JsonSerializerContext;

/// <summary>A line of the table. Settable, because generated code gives a property that is only initialised no default of its own.</summary>
internal sealed class ModelLine
{
    public ModelPrice? Price { get; set; }

    public bool CanBatch { get; set; } = true;

    public IReadOnlyList<string> Endpoints { get; set; } = [];

    public int? MaxOutputTokens { get; set; }

    public DateOnly? Effective { get; set; }

    public string? Source { get; set; }

    public ModelInfo ToModel() => new()
    {
        Price = Price,
        CanBatch = CanBatch,
        Endpoints = Endpoints,
        MaxOutputTokens = MaxOutputTokens,
        Effective = Effective,
        Source = Source,
    };
}
