using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Aegis.Testing;

/// <summary>One of OpenAI's protocols, translated from and to the types of Microsoft.Extensions.AI.</summary>
internal interface IWireProtocol
{
    /// <summary>Throws a <see cref="FormatException"/> for what the API refuses.</summary>
    WireRequest Read(JsonElement body);

    JsonObject Write(WireRequest request, ChatResponse response);

    IAsyncEnumerable<ServerSentEvent> StreamAsync(WireRequest request, IAsyncEnumerable<ChatResponseUpdate> updates);
}
