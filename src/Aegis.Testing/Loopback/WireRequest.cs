using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>A request as the model gets it, beside the body it was read from.</summary>
internal sealed record WireRequest(JsonElement Body, IReadOnlyList<ChatMessage> Messages, ChatOptions Options)
{
    /// <summary>When every answer was made, in Unix seconds: the same always, so that bodies are too.</summary>
    public const long Created = 1_767_225_600;

    public bool Streams => Body.Flag("stream");

    public string Model => Body.Required("model");
}
