using Aegis.ExtensionsAI;
using Aegis.Tools;
using Microsoft.Extensions.AI;

namespace Aegis;

/// <summary>Tools of Microsoft.Extensions.AI in the words of Aegis.</summary>
public static class AegisToolExtensions
{
    /// <summary>Says which server functions come from, an MCP server for example: what they are is pinned under this name, and a name that another server offers too is offered by neither.</summary>
    /// <param name="tools">The functions.</param>
    /// <param name="server">The server as you call it, not as it calls itself: see <see cref="ToolInfo.Server"/>.</param>
    /// <returns>The functions, which answer <c>GetService</c> as before.</returns>
    public static IList<AIFunction> FromServer(this IEnumerable<AIFunction> tools, string server)
    {
        ArgumentNullException.ThrowIfNull(tools);
        ArgumentException.ThrowIfNullOrEmpty(server);
        return [.. tools.Select(tool => new ServerFunction(tool, server))];
    }

    /// <summary>Makes a set of tools, as <see cref="AegisGuard.ToolsetOf(IEnumerable{ToolInfo})"/> does.</summary>
    /// <param name="guard">The guard.</param>
    /// <param name="tools">The tools.</param>
    /// <returns>The set.</returns>
    public static Toolset ToolsetOf(this AegisGuard guard, IEnumerable<AITool> tools)
    {
        ArgumentNullException.ThrowIfNull(guard);
        ArgumentNullException.ThrowIfNull(tools);
        return guard.ToolsetOf(tools.Select(ToolReader.Read));
    }
}
