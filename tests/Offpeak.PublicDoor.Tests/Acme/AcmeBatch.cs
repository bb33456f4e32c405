namespace Offpeak.PublicDoor.Tests.Acme;

/// <summary>A batch that the server holds.</summary>
public sealed class AcmeBatch(string id, string key, string file)
{
    public string Id => id;

    public string Key => key;

    public string File => file;

    public bool IsStopped { get; set; }
}
