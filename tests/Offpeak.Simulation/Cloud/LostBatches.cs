namespace Offpeak.Simulation.Cloud;

/// <summary>How a provider lets a batch be found whose create call got no reply. Real ones differ in this.</summary>
internal enum LostBatches
{
    /// <summary>Each batch in the list carries the key.</summary>
    CarryTheirKey,

    /// <summary>Batches carry no key: one of the right size may be ours, and only its results will tell.</summary>
    ShowTheirSize,

    /// <summary>There is no list, or none that helps: a person looks at the console.</summary>
    CannotBeFound,

    /// <summary>A batch is made empty under its key and then filled call by call, so an interrupted submission goes on with it.</summary>
    CanBeFilledUp,
}
