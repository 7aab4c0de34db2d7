using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>Options of a request whose app keeps its conversation in another form. It is signed as it will come back.</summary>
internal interface IHistoryOfOthers
{
    /// <summary>The messages of the request, one for one, with the signatures that hang on them.</summary>
    IReadOnlyList<ChatMessage> Sent();

    /// <summary>What has been added to them since, and what leaves now.</summary>
    IReadOnlyList<ChatMessage> Added(IEnumerable<ChatMessage> leaving);
}
