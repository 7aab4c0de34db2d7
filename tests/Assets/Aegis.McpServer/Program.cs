using Aegis.McpServer;
using ModelContextProtocol.Server;

// A real MCP server on standard input and output, with tools that a guard has to tell apart.
var notes = new Notes(args.FirstOrDefault() ?? "notes");   // or "shadow", "look-alike": another server
await using var server = McpServer.Create(new StdioServerTransport("notes"), new()
{
    Capabilities = new() { Tools = new() { ListChanged = true } },
    ServerInfo = new() { Name = "notes", Version = "1.0.0" },
    Handlers = new() { ListToolsHandler = (_, _) => new(notes.List()), CallToolHandler = notes.CallAsync },
});
await server.RunAsync();
