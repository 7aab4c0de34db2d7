using System.Text.Json;

namespace Aegis.Tools;

/// <summary>What an adapter knows of a tool.</summary>
/// <param name="Name">The name, as the model would call it; for hosted tools <c>hosted:web_search</c> and the like, for hosted MCP servers <c>mcp:server</c>.</param>
public sealed record ToolInfo(string Name)
{
    /// <summary>The name inside a plugin or server, where the model calls it by a longer one. What restricts it in a policy (deny, requireApproval, limits, a higher risk) counts by either name, what allows it only by <see cref="Name"/>. It is the end of <see cref="Name"/> behind a mark that is neither letter nor digit; a tool with another one is not offered.</summary>
    /// <value><see langword="null"/>: it has one name.</value>
    public string? LocalName { get; init; }

    /// <summary>Who runs it.</summary>
    /// <value><see cref="ToolKind.Function"/>.</value>
    public ToolKind Kind { get; init; }

    /// <summary>The description that the model reads.</summary>
    public string? Description { get; init; }

    /// <summary>JSON schema of the arguments.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>An annotation of the tool's author: it destroys or overwrites.</summary>
    /// <value><see langword="null"/>: not said.</value>
    public bool? Destructive { get; init; }

    /// <summary>An annotation of the tool's author: it only reads. A claim, so it never lowers the risk that the name shows.</summary>
    /// <value><see langword="null"/>: not said.</value>
    public bool? ReadOnly { get; init; }

    /// <summary>An annotation of the tool's author: a second call with the same arguments changes nothing more.</summary>
    /// <value><see langword="null"/>: not said.</value>
    public bool? Idempotent { get; init; }

    /// <summary>An annotation of the tool's author: it deals with what is outside of the server, as a web search does.</summary>
    /// <value><see langword="null"/>: not said.</value>
    public bool? OpenWorld { get; init; }

    /// <summary>What people are shown as its name. Part of what is pinned.</summary>
    /// <value><see langword="null"/>: not said.</value>
    public string? Title { get; init; }

    /// <summary>Where it comes from, as the host calls that: the name or the address of an MCP server, never what the server says of itself. Pins are kept per server, and a name that two servers offer belongs to neither unless the policy says so. At most 256 characters.</summary>
    /// <value><see langword="null"/>: the app itself, or not said. A hosted MCP server has its address.</value>
    public string? Server { get; init; }

    /// <summary>What the adapter made this from, to map a narrowed toolset back.</summary>
    public object? Source { get; init; }
}
