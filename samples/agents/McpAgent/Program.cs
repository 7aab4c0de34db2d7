using System.Text.Json;
using Aegis;
using Aegis.Policies;
using Aegis.Testing;
using GuardedAgent;
using McpAgent;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Spectre.Console;

// The office of the GuardedAgent sample behind an MCP server on standard input and output (this program again, with --server): first without
// Aegis, then with it. What happened is asked of the server.
if (args is ["--server"])
{
    await OfficeServer.RunAsync();
    return 0;
}

const string Task = "Read the supplier's page and my mail about it, and mail a summary to ceo@example.com.";

await using var offline = Endpoint.IsConfigured ? null : await LoopbackOpenAIServer.StartAsync(GullibleModel.Create(), CancellationToken.None);
var model = Endpoint.Connect(args, offline);

AnsiConsole.Write(new Rule("Without Aegis"));
var office = await WorkAsync(model.AsBuilder().UseFunctionInvocation().Build());
var stolen = Report.Damage(office);

AnsiConsole.Write(new Rule("With Aegis"));
var policy = AegisPolicy.Preset("balanced") with
{
    Name = "office",
    Capabilities = new() { Allow = ["read_*", "send_mail"], Deny = ["delete_*"], RequireApproval = ["pay_*"] },
    Limits = new Dictionary<string, RateLimit> { ["send_mail"] = new(1, TimeSpan.FromHours(1)) },
    AgentLoop = new() { MaxSteps = 12, PrivilegeDecay = new Dictionary<int, double> { [6] = 0.5 } },
};
var report = new Report(policy);
using (AegisScope.Begin("conversation-1", principal: "user-42"))
{
    office = await WorkAsync(model.AsBuilder().UseAegisFunctionInvocation(policy, aegis => aegis.AddSink(report).UseApprover(new ConsoleApprover()).DescribeTools(Hints)).Build());
}

AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 100);
report.Show();
var lost = Report.Damage(office);
return Endpoint.IsConfigured || (stolen && !lost && office.Sent is ["ceo@example.com"]) ? 0 : 1;

static async Task<Office> WorkAsync(IChatClient agent)
{
    var program = Environment.ProcessPath!;
    List<string> arguments = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(OfficeServer).Assembly.Location, "--server"] : ["--server"];
    await using var server = await McpClient.CreateAsync(new StdioClientTransport(new() { Name = "office", Command = program, Arguments = arguments }));
    var tools = await server.ListToolsAsync();
    Console.WriteLine(await agent.GetResponseAsync(Task, new() { Tools = [.. tools.Where(static tool => tool.Name != OfficeServer.Ledger)] }));
    var ledger = await server.CallToolAsync(OfficeServer.Ledger);
    return Office.Of(JsonElement.Parse(ledger.Content.OfType<TextContentBlock>().First().Text));
}

// What a server says of its tools are hints: they can raise the risk that Aegis sees in a tool, and never lower it.
static Aegis.Tools.ToolInfo Hints(Aegis.Tools.ToolInfo tool) => (tool.Source as AITool)?.GetService<McpClientTool>()?.ProtocolTool.Annotations is { } hints
    ? tool with { Destructive = hints.DestructiveHint, ReadOnly = hints.ReadOnlyHint }
    : tool;
