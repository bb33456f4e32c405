using Microsoft.AspNetCore.Builder;

namespace Offpeak.Testing.Gemini;

/// <summary>The Gemini Developer API under <c>/v1beta</c>.</summary>
internal sealed record EmulatedGemini : EmulatedProvider
{
    internal override void Map(WebApplication app, EmulatorState state) => GeminiRoutes.Map(app, state);
}
