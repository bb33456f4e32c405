using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Offpeak.Testing;

/// <summary>A multipart form with at most one file, which goes straight to disk.</summary>
internal sealed record MultipartUpload(IReadOnlyDictionary<string, string> Fields, string? FileName, string? TemporaryPath)
{
    // The reader's own 4 KB would make a write of each.
    private const int BufferSize = 256 * 1024;

    public static async Task<MultipartUpload?> ReadAsync(HttpRequest request, FileStore files, CancellationToken cancellationToken)
    {
        if (Boundary(request) is not { } boundary)
            return null;
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        string? fileName = null;
        string? path = null;
        var reader = new MultipartReader(boundary, request.Body, BufferSize);
        while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
                continue;
            var name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
            if (name == "file" && path is null)
            {
                fileName = FileNameOf(disposition);
                path = files.NewPath();
                await SaveAsync(section.Body, path, cancellationToken);
            }
            else
            {
                using var text = new StreamReader(section.Body);
                fields[name] = await text.ReadToEndAsync(cancellationToken);
            }
        }

        return new MultipartUpload(fields, fileName, path);
    }

    private static string? Boundary(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            ? HeaderUtilities.RemoveQuotes(type.Boundary).Value
            : null;

    private static string FileNameOf(ContentDispositionHeaderValue disposition)
    {
        var name = disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName;
        return HeaderUtilities.RemoveQuotes(name).ToString();
    }

    private static async Task SaveAsync(Stream source, string path, CancellationToken cancellationToken)
    {
        await using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferSize);
        await source.CopyToAsync(target, BufferSize, cancellationToken);
    }
}
