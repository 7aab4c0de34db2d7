using System.Globalization;
using System.Text;
using Aegis.Policies;
using Aegis.Tools;
using BenchmarkDotNet.Attributes;

namespace Aegis.Benchmarks;

/// <summary>What it costs to say where the values of a call come from, by how much has entered its session.</summary>
[MemoryDiagnoser]
public class ProvenanceBenchmarks
{
    private const int CharactersOfAToken = 4;
    private const int Result = 8_000;   // characters

    private static readonly SessionId Session = new("bench");

    private readonly AegisGuard _guard = AegisGuard.Create(new AegisPolicy
    {
        Alignment = new() { Strictness = AlignmentStrictness.Low },   // so that nothing ends a call early
        Capabilities = new() { Allow = ["*"] },
        DenialOfWallet = null,
        Scanner = null,
    });

    private ToolCall[] _calls = [];
    private GuardContext _context;
    private int _next;

    /// <summary>Tokens that entered the session before, four characters each.</summary>
    [Params(1_000, 10_000, 100_000, 1_000_000)]
    public int Tokens { get; set; }

    /// <summary>Bytes that the session's memory takes.</summary>
    public int Remembered => _guard.Services.Flow.Of(Session).Size;

    /// <summary>Fills the session.</summary>
    [GlobalSetup]
    public void Fill() => FillAsync().GetAwaiter().GetResult();

    /// <summary>A mail, a payment, a deletion, a page: to whom the user named, a directory, a text, nobody.</summary>
    [Benchmark]
    public async ValueTask<Decision> Call() => (await _guard.Pipeline.AskGuardsAsync(_calls[_next = (_next + 1) % _calls.Length], _context, CancellationToken.None)).Decision;

    private async Task FillAsync()
    {
        await _guard.InspectAsync(new UserInput("Email the report to ann@corp.example and Emma, pay the invoice of ACME, delete the draft, and summarize the page of the blog."), Session);
        var random = new Random(7);
        var text = new StringBuilder();
        for (var rest = (long)Tokens * CharactersOfAToken; rest > 0; rest -= text.Length)
        {
            text.Clear();
            var isTable = random.Next(2) == 0;
            while (text.Length < Math.Min(Result, rest))
            {
                text.Append(isTable ? Row(random) : Sentence(random));
            }

            await _guard.InspectAsync(new ToolResult(isTable ? "search_contacts" : "read_mail", isTable ? $"[{text.ToString().TrimEnd(',')}]" : text.ToString()), Session);
        }

        var tools = _guard.ToolsetOf([new("send_email"), new("send_money"), new("delete_file"), new("fetch_url")]);
        string[] to = ["ann@corp.example", "user-17@corp.example", "evil@x.example", "made@up.example"];
        _calls = [.. Enumerable.Range(0, 64).Select(i => (i % 4) switch
        {
            0 => Of("send_email", ("to", to[i / 4 % 4]), ("subject", "The report"), ("body", string.Concat(Enumerable.Range(0, 20).Select(_ => Sentence(random))))),
            1 => Of("send_money", ("recipient", $"DE{random.NextInt64(1_000_000_000_000, 9_999_999_999_999)}"), ("amount", i), ("subject", Sentence(random))),
            2 => Of("delete_file", ("id", $"file-{i}")),
            _ => Of("fetch_url", ("url", $"https://site-{i}.example/{Convert.ToBase64String(Encoding.UTF8.GetBytes(Sentence(random)))}")),
        })];
        var memory = _guard.Services.Flow.Of(Session);
        _context = new(Session, SessionState.Empty, null, _guard.Now, default, memory, memory.Labels);

        ToolCall Of(string tool, params (string Key, object? Value)[] arguments) => new(tool, ToolArguments.From(arguments.Select(static argument => KeyValuePair.Create(argument.Key, argument.Value)))) { Tools = tools };
    }

    private static string Row(Random random) => string.Create(CultureInfo.InvariantCulture, $$"""{"id":"{{random.Next(1_000_000)}}","name":"User {{random.Next(1_000)}}","email":"user-{{random.Next(1_000)}}@corp.example","note":"{{Sentence(random)}}"},""");

    private static string Sentence(Random random) => string.Create(CultureInfo.InvariantCulture, $"The Order {random.Next(100_000)} of Project {random.Next(100)} is due on 2026-{random.Next(1, 13)}-{random.Next(1, 29)}, see www.site-{random.Next(10_000)}.example or ask user-{random.Next(1_000)}@corp.example. ");
}
