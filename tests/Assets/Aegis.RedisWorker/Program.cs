using System.Collections.Concurrent;
using System.Globalization;
using Aegis;
using Aegis.Testing;
using Aegis.Tools;
using Microsoft.Extensions.AI;
using StackExchange.Redis;

// An instance of a service on a shared Redis, for tests: a line of standard input is one thing to do, a line of standard output says what came of it.
var (endpoint, prefix, policy) = (args[0], args[1], AegisPolicy.Load(args[2]));
using var redis = await ConnectionMultiplexer.ConnectAsync($"{endpoint},abortConnect=false,connectTimeout=1000");
using var store = new RedisSessionStore(redis, new() { Prefix = prefix, Timeout = TimeSpan.FromSeconds(20) });
using var guard = AegisGuard.Create(policy, builder => builder.UseSessionStore(store).UseStoreTimeout(TimeSpan.FromSeconds(30)));   // what is slow here is the machine
Console.WriteLine("ready");
while (Console.ReadLine() is { } line)
{
    var words = line.Split(' ');
    var session = new SessionId(words[1], "ann");
    Console.WriteLine(words[0] switch
    {
        "calls" => FormattableString.Invariant($"{await CallAsync(session, words[2], int.Parse(words[3], CultureInfo.InvariantCulture))}"),
        "call" => await RuleAsync(Call(words[2], 0), session),
        "step" => await RuleAsync(new ModelStep(Toolset.Empty), session) is var rule and not "passes" ? rule : await RuleAsync(new ModelOutput("") { Calls = 1 }, session),
        "text" => await RuleAsync(new UserInput(string.Join(' ', words[2..])), session),
        "result" => await RuleAsync(new ToolResult(words[2], string.Join(' ', words[3..])), session),
        "steps" => FormattableString.Invariant($"{await StepsAsync(session, int.Parse(words[2], CultureInfo.InvariantCulture))}"),
        "agents" => await AgentsAsync(session),
        "chat" => await ChatAsync(session, words[2], string.Join(' ', words[3..])),
        "quarantine" => await DoneAsync(guard.Sessions.QuarantineAsync(session)),
        "now" => FormattableString.Invariant($"{store.Now.UtcTicks} {DateTimeOffset.UtcNow.UtcTicks}"),
        _ => throw new ArgumentException(line),
    });
}

async Task<int> CallAsync(SessionId session, string tool, int tries)
{
    var rules = await Task.WhenAll(Enumerable.Range(0, tries).Select(i => Task.Run(() => RuleAsync(Call(tool, i), session).AsTask())));
    return rules.Count(static rule => rule == "passes");
}

// Steps of one run, all at once.
async Task<int> StepsAsync(SessionId session, int tries)
{
    await RuleAsync(new ModelStep(Toolset.Empty), session);
    var rules = await Task.WhenAll(Enumerable.Range(0, tries).Select(_ => Task.Run(() => RuleAsync(new ModelOutput("") { Calls = 1 }, session).AsTask())));
    return rules.Count(static rule => rule == "passes");
}

// One request through a whole chat client, whose model calls a tool.
async Task<string> ChatAsync(SessionId session, string tool, string result)
{
    var says = "nothing";
    using var scope = AegisScope.Begin(session);
    using var client = new ScriptedChatClient(ScriptedTurn.Call(tool), ScriptedTurn.Say("Read.")).AsBuilder().UseAegisFunctionInvocation(guard).Build();
    await client.GetResponseAsync("Read it, please.", new() { Tools = [AIFunctionFactory.Create(() => { says = "read"; return result; }, tool)] });
    return says;
}

// One request of an agent that calls tools and sub-agents, two at once in every step, as long as it is offered some; and so do they. Answers how many calls and
// sub-agents have run, how deep they went, and whether no run was ever offered more than before.
async Task<string> AgentsAsync(SessionId session)
{
    var (searches, agents, deepest, grew) = (0, 0, 0, 0);
    using var scope = AegisScope.Begin(session);
    scope.NewRun();
    await AskAsync(0);
    return FormattableString.Invariant($"{searches} {agents} {deepest} {grew}");

    async Task<string> AskAsync(int depth)
    {
        var offered = new ConcurrentQueue<int>([int.MaxValue]);
        var n = 0;
        var model = new ScriptedChatClient((_, options) =>
        {
            var names = options?.Tools?.Select(static tool => tool.Name).ToHashSet(StringComparer.Ordinal) ?? [];
            deepest = Math.Max(deepest, depth);
            grew += names.Count > offered.Last() ? 1 : 0;
            offered.Enqueue(names.Count);
            FunctionCallContent[] calls = [.. new[] { "search", "agent" }.Where(names.Contains).Select(name => new FunctionCallContent("", name, new Dictionary<string, object?> { ["n"] = Interlocked.Increment(ref n) }))];
            return calls.Length == 0 ? ScriptedTurn.Say("Done.") : ScriptedTurn.CallAll(calls);
        });
        AITool[] tools =
        [
            AIFunctionFactory.Create((int n) => FormattableString.Invariant($"{Interlocked.Increment(ref searches)} found"), "search"),
            AIFunctionFactory.Create(async (int n) =>
            {
                Interlocked.Increment(ref agents);
                return FormattableString.Invariant($"{n} {await AskAsync(depth + 1)}");
            }, "agent"),
            .. Enumerable.Range(0, 8).Select(static i => AIFunctionFactory.Create(static (int n) => n, FormattableString.Invariant($"delete_{i}"))),
        ];
        using var client = model.AsBuilder().UseAegisFunctionInvocation(guard, static loop => loop.AllowConcurrentInvocation = true).Build();
        return (await client.GetResponseAsync("Go on.", new() { Tools = [.. tools] })).Text;
    }
}

ToolCall Call(string tool, int n) => new(tool, ToolArguments.From([new("n", n)])) { Tools = guard.ToolsetOf([new(tool)]) };

async ValueTask<string> RuleAsync<T>(T subject, SessionId session)
    where T : Subject => (await guard.InspectAsync(subject, session)) is { MayProceed: false } stopped ? stopped.Verdict.Rule! : "passes";

static async ValueTask<string> DoneAsync(ValueTask task)
{
    await task;
    return "done";
}
