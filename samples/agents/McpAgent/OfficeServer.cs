using System.Text.Json;
using GuardedAgent;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Server;

namespace McpAgent;

/// <summary>The office as an MCP server.</summary>
internal static class OfficeServer
{
    /// <summary>Says what was done; for the host, not for the agent.</summary>
    public const string Ledger = "ledger";

    public static async Task RunAsync()
    {
        var office = new Office();
        McpServerPrimitiveCollection<McpServerTool> tools = [.. office.Tools.OfType<AIFunction>().Select(static tool => McpServerTool.Create(tool))];
        tools.Add(McpServerTool.Create(() => JsonSerializer.Serialize(new { office.Sent, office.Paid, office.Deleted }), new() { Name = Ledger, Description = "What was done." }));
        await using var server = McpServer.Create(new StdioServerTransport("office"), new() { ServerInfo = new() { Name = "office", Version = "1.0.0" }, ToolCollection = tools });
        await server.RunAsync();
    }
}
