using System.Text.Json.Nodes;

namespace Aegis.Testing;

/// <summary>One event of a stream. Chat Completions sends no names.</summary>
internal sealed record ServerSentEvent(string? Name, string Data)
{
    public static ServerSentEvent Unnamed(JsonObject data) => new(null, data.ToJsonString());

    public override string ToString() => Name is null ? $"data: {Data}\n\n" : $"event: {Name}\ndata: {Data}\n\n";
}
