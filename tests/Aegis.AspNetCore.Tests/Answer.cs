using System.Net;
using System.Text.Json;

namespace Aegis.AspNetCore.Tests;

/// <summary>What a server said.</summary>
internal sealed record Answer(HttpStatusCode Status, string? ContentType, string Body, IReadOnlyDictionary<string, string[]> Headers)
{
    /// <summary>The rules of a problem.</summary>
    public IReadOnlyList<string> Rules
    {
        get
        {
            Assert.Equal("application/problem+json", ContentType);
            return [.. Problem.GetProperty("rules").EnumerateArray().Select(static rule => rule.GetString()!)];
        }
    }

    public JsonElement Problem => JsonDocument.Parse(Body).RootElement;

    /// <summary>All that the sender got to see.</summary>
    public string Everything => string.Concat(Headers.SelectMany(static header => header.Value)) + Body;

    public static async Task<Answer> OfAsync(HttpResponseMessage response) => new(
        response.StatusCode,
        response.Content.Headers.ContentType?.MediaType,
        await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
        response.Headers.Concat(response.Content.Headers).ToDictionary(static header => header.Key, static header => header.Value.ToArray(), StringComparer.OrdinalIgnoreCase));
}
