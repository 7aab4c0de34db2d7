using Aegis;
using Aegis.Tools;
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
        "calls" => FormattableString.Invariant($"{await CallAsync(session, words[2], int.Parse(words[3], System.Globalization.CultureInfo.InvariantCulture))}"),
        "call" => await RuleAsync(Call(words[2], 0), session),
        "step" => await RuleAsync(new ModelStep(Toolset.Empty), session) is var rule and not "passes" ? rule : await RuleAsync(new ModelOutput("") { Calls = 1 }, session),
        "text" => await RuleAsync(new UserInput(string.Join(' ', words[2..])), session),
        "result" => await RuleAsync(new ToolResult(words[2], string.Join(' ', words[3..])), session),
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

ToolCall Call(string tool, int n) => new(tool, ToolArguments.From([new("n", n)])) { Tools = guard.ToolsetOf([new(tool)]) };

async ValueTask<string> RuleAsync<T>(T subject, SessionId session)
    where T : Subject => (await guard.InspectAsync(subject, session)) is { MayProceed: false } stopped ? stopped.Verdict.Rule! : "passes";

static async ValueTask<string> DoneAsync(ValueTask task)
{
    await task;
    return "done";
}
