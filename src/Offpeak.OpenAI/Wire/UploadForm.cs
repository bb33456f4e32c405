using System.Net.Http.Headers;

namespace Offpeak.OpenAI.Wire;

/// <summary>The multipart form of a file upload (OpenAI API reference, Files, Upload), with names quoted as strict servers want them.</summary>
internal static class UploadForm
{
    public static MultipartFormDataContent Make(string purpose, string fileName, HttpContent file, bool namesFile = false)
    {
        var boundary = "offpeak-" + Guid.NewGuid().ToString("N");
        var form = new MultipartFormDataContent(boundary);
        form.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=" + boundary);
        file.Headers.ContentDisposition = new("form-data") { Name = "\"file\"", FileName = $"\"{fileName}\"" };
        form.Add(Field("purpose", purpose));
        if (namesFile)
        {
            form.Add(Field("file_name", fileName));
            form.Add(Field("file_type", "jsonl"));
        }

        form.Add(file);
        return form;
    }

    private static StringContent Field(string name, string value)
    {
        var field = new StringContent(value);
        field.Headers.ContentType = null;
        field.Headers.ContentDisposition = new("form-data") { Name = $"\"{name}\"" };
        return field;
    }
}
