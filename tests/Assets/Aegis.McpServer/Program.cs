using Aegis.McpServer;
using ModelContextProtocol.Server;

// A real MCP server on standard input and output, with tools that a guard has to tell apart.
var notes = new Notes();
await using var server = McpServer.Create(new StdioServerTransport("notes"), new()
{
    ServerInfo = new() { Name = "notes", Version = "1.0.0" },
    Handlers = new() { ListToolsHandler = (_, _) => new(notes.List()), CallToolHandler = notes.CallAsync },
});
await server.RunAsync();
