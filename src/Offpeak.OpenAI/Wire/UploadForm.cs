using System.Net.Http.Headers;

namespace Offpeak.OpenAI.Wire;

/// <summary>The multipart form of a file upload (OpenAI API reference, Files, Upload), with names quoted as strict servers want them.</summary>
internal static class UploadForm
{
    public static MultipartFormDataContent Make(string purpose, string fileName, HttpContent file)
    {
        var boundary = "offpeak-" + Guid.NewGuid().ToString("N");
        var form = new MultipartFormDataContent(boundary);
        form.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=" + boundary);
        var purposeField = new StringContent(purpose);
        purposeField.Headers.ContentType = null;
        purposeField.Headers.ContentDisposition = new("form-data") { Name = "\"purpose\"" };
        file.Headers.ContentDisposition = new("form-data") { Name = "\"file\"", FileName = $"\"{fileName}\"" };
        form.Add(purposeField);
        form.Add(file);
        return form;
    }
}
