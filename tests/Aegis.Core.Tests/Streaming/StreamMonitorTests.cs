using Aegis.Events;
using Aegis.Policies;
using Aegis.Scanning.Normalizing;
using Aegis.Scanning.Rules;
using Aegis.Scanning;
using Aegis.Streaming;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Streaming;

public class StreamMonitorTests
{
    // Only planted text has an x, y or z, and every x, y or z belongs to a match.
    private static readonly string[] Redact = [@"xy{1,3}z", @"zx{1,3}", "yz\\s?é?"];
    private static readonly string[] Block = [@"\bxxz\b"];

    private static readonly Gen<string> Plain = Gen.OneOf("a", "B", "é", " ", "  ", "\n", ".", "😀", "\ud83d", "\ude00", "\u200b", "\u0301", "о", "日", "ﷺ", "\udb40");
    private static readonly Gen<string> Secret = Gen.OneOf("xyz", "XYYZ", "xyyyz", "zx", "zxx", "xyzx", "xyzxyz", "x\u200byz", "ｘｙｚ", "yz", "yz é", "yz ");
    private static readonly Gen<string> Clean = Plain.Array[0, 30].Select(string.Concat);
    private static readonly Gen<string> Answer = Gen.Frequency((6, (IGen<string>)Plain), (1, Secret)).Array[0, 60].Select(string.Concat);
    private static readonly Gen<string> Ended = Gen.Select(Answer, Gen.OneOf("", " xxz ", ".xxz", "axxz"), Clean, (a, b, c) => a + b + c);

    private static readonly OutputPolicy Unread = new() { DetectPII = false, DetectSecrets = false, DetectPromptLeakage = false, SanitizeMarkdown = false, DetectInjectionPayloads = false };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WhatComesOutDoesNotDependOnHowTheTextWasCut() => await Gen.Select(Ended, Gen.Int[1, 80], Gen.Int[1, 12].Array[1, 40]).SampleAsync(async (text, max, sizes) =>
    {
        foreach (var guard in new[] { Guard(), Guard(max) })
        {
            var batch = await Run(guard, [text]);
            Assert.Equal(Expected(text, guard.Policy.Output.MaxLength), batch.Released);
            Assert.Equal(batch, await Run(guard, text.Select(c => c.ToString())));
            Assert.Equal(batch, await Run(guard, Cut(text, sizes)));
        }
    }, iter: 400);

    [Fact]
    public async Task EveryCutInTwoGivesTheSame() => await Gen.Select(Ended, Gen.Int[10, 40]).SampleAsync(async (text, max) =>
    {
        var guard = Guard(max);
        var batch = await Run(guard, [text]);
        for (var i = 0; i <= text.Length; i++)
        {
            Assert.Equal(batch, await Run(guard, [text[..i], text[i..]]));
        }
    }, iter: 60);

    [Fact]
    public async Task AMarkStandsBehindAllThatStandsForTheTextBeforeIt() => await Gen.Select(Ended, Gen.Int[1, 80], Gen.Int[1, 12].Array[1, 40]).SampleAsync(async (text, max, sizes) =>
    {
        foreach (var guard in new[] { Guard(), Guard(max), AegisGuard.Create(Guard().Policy with { Output = Guard().Policy.Output with { Delivery = OutputDelivery.Buffered } }) })
        {
            var monitor = Monitor(guard);
            var (released, read) = ("", 0);
            var (marks, places) = (new List<int>(), new List<int>());
            foreach (var chunk in Cut(text, sizes).Append(null))
            {
                var piece = chunk is null ? await FlushAsync(monitor) : await PushAsync(monitor, chunk);
                places.AddRange(monitor.Cuts.Select(cut => released.Length + cut));
                released += piece;
                read += chunk?.Length ?? 0;
                if (monitor.HeldBack > 0)
                {
                    monitor.Mark();
                    marks.Add(read);
                }
            }

            Assert.True(monitor.Stopped is not null || places.Count == marks.Count);
            Assert.Equal(marks.Take(places.Count).Select(mark => Expected(text, guard.Policy.Output.MaxLength, mark).Length), places);
        }
    }, iter: 400);

    [Theory]
    [InlineData(@"\d", "a12345b", "a[REDACTED]b")]
    [InlineData("aba", "xababababax", "x[REDACTED]x")]
    [InlineData("secret", "my ѕeсret is out", "my [REDACTED] is out")]
    [InlineData("secret", "ѕecret{40:q}ж", "[REDACTED]{40:q}ж")]
    [InlineData("secret", "ѕecret{20:q}ж", "ѕecret{20:q}ж")]
    [InlineData("secret", "{600:-}ж{40:q}ѕecret", "{600:-}ж{40:q}[REDACTED]")]
    [InlineData("secret", "{600:-}q{40:о}ѕеcrеt", "{600:-}q{40:о}[REDACTED]")]
    [InlineData("secret", "{600:ж}q ѕecret", "{600:ж}q [REDACTED]")]
    [InlineData(@"\bsecret", "{600:-}x{99:\u0301}secret", "{600:-}x{99:\u0301}secret")]
    [InlineData(@"\b-secret", "{600:-}x{99:\u0301}-secret", "{600:-}x{99:\u0301}[REDACTED]")]
    [InlineData(@"\bsecret\b", "{600:-}secret secrets", "{600:-}[REDACTED] secrets")]
    [InlineData(@"a\sb", "a{900: }b", "[REDACTED]")]
    [InlineData("a b", "a{9: }\n{9: }b", "a{9: }\n{9: }b")]
    [InlineData("[0-9]{4}", "{99:q}12345{99:q}", "{99:q}[REDACTED]{99:q}")]
    [InlineData("-?[0-9]", "-q11", "-q[REDACTED]")]
    public async Task AMatchIsReplacedOnceHoweverItArrives(string pattern, string text, string released)
    {
        var guard = AegisGuard.Create(new() { Output = new() { RedactPatterns = [pattern] } });
        (text, released) = (Fill(text), Fill(released));

        foreach (var size in new[] { 100_000, 1, 2, 7, 64, 511 })
        {
            Assert.Equal((released, null), await Run(guard, Cut(text, [size])));
        }
    }

    [Fact]
    public async Task ALongAnswerShowsExactlyWhatIsAllowedAndHidesNoOtherFinding()
    {
        foreach (var size in new[] { 100_000, 1, 3, 50 })
        {
            Assert.Equal(("aaaaaaaaaa", "output/length"), await Run(Guard(10), Cut(new('a', 30), [size])));
            Assert.Equal(("aaaaaaaaaa", null), await Run(Guard(10), Cut(new('a', 10), [size])));
            Assert.Equal(("[REDACTED]aaaaaaa", "output/length"), await Run(Guard(10), Cut("xyz" + new string('a', 30), [size])));
            Assert.Equal(("aaaaaaaa[REDACTED]", "output/length"), await Run(Guard(10), Cut("aaaaaaaaxyyyzaaaaaaaaa", [size])));
            Assert.Equal(("aaa ", "output/block-pattern"), await Run(Guard(10), Cut("aaa xxz aaaaaaaaaaaaaaa", [size])));
            Assert.Equal(("aaaa😀aaa", "output/length"), await Run(Guard(10), Cut("aaaa😀aaa😀aaaa", [size])));
            Assert.Equal(("aaaaaaaaaa", "output/length"), await Run(Guard(10), Cut(new string('a', 10) + new string('\u200b', 9_000) + "b", [size])));
            Assert.Equal(("aaaaaaaaaa", "output/length"), await Run(AegisGuard.Create(new() { Output = new() { MaxLength = 10 } }), Cut(new('a', 30), [size])));
        }
    }

    [Theory]
    [InlineData(int.MaxValue, "")]
    [InlineData(1, "what was shown before")]   // it throws while that is read, and then no more
    public async Task AReaderThatThrowsEndsTheAnswerAndNothingGoesOut(int times, string shown)
    {
        var guard = AegisGuard.Create(new() { Output = Unread });
        var known = guard.Pipeline.Policy;
        var policy = new CompiledPolicy
        {
            Source = known.Source,
            Guards = known.Guards,
            Tools = known.Tools,
            Run = known.Run,
            Gates = known.Gates,
            Tokens = known.Tokens,
            Cost = known.Cost,
            Prices = known.Prices,
            Version = known.Version,
            OutputReaders = [new ThrowingReader(times)],
            OnlyCountsOutput = false,
            KeepsUnread = true,
        };
        var monitor = new StreamMonitor(new(policy, guard.Pipeline.Services), new(guard, new("s"), parent: null, startedByMessages: false));
        if (shown.Length > 0)
        {
            monitor.Continue(shown);
        }

        Assert.Equal("", await PushAsync(monitor, "anything") + await PushAsync(monitor, "more") + await FlushAsync(monitor));
        Assert.Equal(("output/failed", nameof(InvalidOperationException)), (monitor.Stopped?.Verdict.Rule, monitor.Stopped?.Verdict.Deciding?.Detail));
    }

    [Fact]
    public async Task ATextBehindAnotherOneIsAMarkdownOfItsOwn()
    {
        var guard = AegisGuard.Create(new() { Output = new() { Payloads = [PayloadKind.Script] } });
        var monitor = Monitor(guard);
        monitor.Continue("code of a block that began long before\n```\n");
        Assert.Equal("[REDACTED-SCRIPT]x ```\n\n```\n<script>", await PushAsync(monitor, "<script>x ```\n\n```\n<script>") + await FlushAsync(monitor));
    }

    [Fact]
    public async Task WithoutPatternsNothingIsHeldBackButHalfACharacter()
    {
        var monitor = Monitor(AegisGuard.Create(new() { Output = Unread }));

        Assert.Equal(["a", "bc", "", "", "😀", "", "\ud83dx", "\ude00", "\n"], new[]
        {
            await PushAsync(monitor, "a"), await PushAsync(monitor, "bc"), await PushAsync(monitor, ""), await PushAsync(monitor, "\ud83d"),
            await PushAsync(monitor, "\ude00"), await PushAsync(monitor, "\ud83d"), await PushAsync(monitor, "x"), await PushAsync(monitor, "\ude00"), await PushAsync(monitor, "\n"),
        });
        Assert.Equal("", await FlushAsync(monitor));
        Assert.Null(monitor.Stopped);
    }

    [Fact]
    public async Task OnlyAsMuchIsHeldBackAsTheLongestPatternCanSpan()
    {
        var monitor = Monitor(AegisGuard.Create(new() { Output = Unread with { RedactPatterns = ["secret", "key"] } }));
        var (pushed, shown) = (0, 0);
        for (var i = 0; i < 2_000; i++)
        {
            pushed++;
            shown += (await PushAsync(monitor, "a")).Length;
            Assert.InRange(pushed - shown, 0, "secret".Length + 1);
        }

        Assert.Equal(pushed - shown, (await FlushAsync(monitor)).Length);
    }

    [Fact]
    public async Task MonitorModeReleasesEverythingAndRecordsIt() => await Gen.Select(Ended, Gen.Int[1, 9]).SampleAsync(async (text, size) =>
    {
        var sink = new List<AegisEvent>();
        var policy = Policy(30) with { Mode = PolicyMode.Monitor };
        var guard = AegisGuard.Create(policy, builder => builder.AddSink(new ListSink(sink)));

        Assert.Equal((text, null), await Run(guard, Cut(text, [size])));
        Assert.All(sink, e => Assert.Equal((Decision.Flag, true), (e.Decision, e.IsStream)));
        Assert.Equal((await Run(Guard(30), [text])).Rule is not null, sink.Any(e => e.Verdict.Decision == Decision.Block));
    }, iter: 100);

    [Fact]
    public async Task AStoppedAnswerStaysStoppedAndIsOneEvent()
    {
        var sink = new List<AegisEvent>();
        var monitor = Monitor(AegisGuard.Create(Policy(100), builder => builder.AddSink(new ListSink(sink))));

        Assert.Equal("aa ", await PushAsync(monitor, "aa xxz bbbbbbbbbbbbbbbbbbbb"));
        Assert.Equal(["", "", ""], [await PushAsync(monitor, "c"), await PushAsync(monitor, "xxz"), await FlushAsync(monitor)]);
        Assert.Equal("output/block-pattern", monitor.Stopped!.Value.Verdict.Rule);
        Assert.Equal((EventTypes.StreamViolation, Decision.Block), Assert.Single(sink) is var e ? (e.Type, e.Decision) : default);
    }

    [Fact]
    public async Task AForeignGuardIsHeardOnStreamsWhateverRangeItGives()
    {
        foreach (var range in new TextRange?[] { null, new(-1, 2), new(5, 2), new(0, 9_999), new(9_999, 9_999) })
        {
            var redacting = AegisGuard.Create(new(), builder => builder.AddGuard(new WindowGuard(new("own/x", Decision.Redact, 0.5) { Range = range })));
            var blocking = AegisGuard.Create(new(), builder => builder.AddGuard(new WindowGuard(new("own/x", Decision.Block, 1) { Range = range })));

            Assert.Equal(("[REDACTED]", null), await Run(redacting, ["some", " text", " here"]));
            Assert.Equal(("", "own/x"), await Run(blocking, ["some", " text", " here"]));
        }

        var precise = AegisGuard.Create(new(), builder => builder.AddGuard(new WindowGuard(new("own/x", Decision.Redact, 0.5) { Range = new(1, 3) })));
        Assert.Equal(("s[REDACTED]e", null), await Run(precise, ["some"]));
    }

    [Fact]
    public async Task AQuarantinedSessionEndsTheAnswerAtItsNextFinding()
    {
        var guard = Guard(100);
        var monitor = Monitor(guard);
        Assert.Equal("aaaaaaaaaaa", await PushAsync(monitor, "aaaaaaaaaaaaaaaaa"));
        await guard.Sessions.QuarantineAsync(new("s"), cancellationToken: Cancel);

        Assert.Equal("", await PushAsync(monitor, "xyz aaaaaaaaaaaaaaaaaaaaa"));
        Assert.Equal("session/quarantined", monitor.Stopped!.Value.Verdict.Rule);
    }

    private static AegisPolicy Policy(int max) => new() { Output = Unread with { MaxLength = max, BlockPatterns = Block, RedactPatterns = Redact } };

    private static AegisGuard Guard(int max = 16_000) => AegisGuard.Create(Policy(max));

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(20_000)]
    public async Task AWindowBehindTheLimitIsRefusedWhereverItStands(long offset)
    {
        var guard = AegisGuard.Create(AegisPolicy.Preset("balanced") with { Output = new() { MaxLength = 100 } });
        var text = new string('a', 101);
        Assert.Equal("output/length", (await guard.InspectAsync(new OutputWindow(text) { Offset = offset }, new("s"), Cancel)).Verdict.Rule);
    }

    [Fact]
    public async Task InMonitorModeALongAnswerIsSaidToBeTooLongOnce()
    {
        var guard = AegisGuard.Create(AegisPolicy.Preset("balanced") with { Mode = PolicyMode.Monitor, Output = new() { MaxLength = 100 } });
        var found = new List<Finding>();
        var monitor = new StreamMonitor(guard.Pipeline, new(guard, new("s"), parent: null, startedByMessages: false)) { Found = found };
        var shown = "";
        for (var i = 0; i < 1_000; i++)
        {
            shown += await PushAsync(monitor, "so ");
        }

        Assert.Equal(3_000, (shown + await FlushAsync(monitor)).Length);
        Assert.Equal("output/length", Assert.Single(found).Rule);
    }

    public static TheoryData<AegisPolicy> Quiet => [new AegisPolicy { Output = Unread }, new AegisPolicy(), AegisPolicy.Preset("balanced")];

    [Theory, MemberData(nameof(Quiet), DisableDiscoveryEnumeration = true)]
    public async Task BehindALockAtMost256CharactersOfAnAnswerGoOut(AegisPolicy policy)
    {
        foreach (var account in new SessionId[] { User, SessionId.OfPrincipal("ann") })
        {
            foreach (var before in new[] { 0, 255, 256, 1_000 })
            {
                var guard = AegisGuard.Create(policy);
                var monitor = new StreamMonitor(guard.Pipeline, new(guard, User, parent: null, startedByMessages: false));
                var shown = "";
                for (var i = 0; i < 2_000 && monitor.Stopped is null; i++)
                {
                    if (i == before)
                    {
                        await guard.Sessions.BanAsync(account, cancellationToken: Cancel);
                    }

                    shown += await PushAsync(monitor, "a");
                }

                Assert.Equal("session/banned", monitor.Stopped?.Verdict.Rule);
                Assert.InRange(shown.Length, 0, before + 256);
                Assert.Equal("", await PushAsync(monitor, "more") + await FlushAsync(monitor));
            }
        }
    }

    [Fact]
    public async Task AnAnswerThatComesSlowlyEndsASecondBehindALock()
    {
        var time = new FakeTimeProvider();
        var guard = AegisGuard.Create(new() { Output = Unread }, builder => builder.UseTimeProvider(time));
        foreach (var isLast in new[] { false, true })
        {
            var monitor = new StreamMonitor(guard.Pipeline, new(guard, User, parent: null, startedByMessages: false));
            await guard.Sessions.QuarantineAsync(User, cancellationToken: Cancel);
            time.Advance(TimeSpan.FromMilliseconds(999));
            Assert.Equal("one ", await PushAsync(monitor, "one "));
            time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal("", isLast ? await FlushAsync(monitor) : await PushAsync(monitor, "two"));
            Assert.Equal("session/quarantined", monitor.Stopped?.Verdict.Rule);
            await guard.Sessions.ReleaseAsync(User, Cancel);
        }
    }

    [Fact]
    public async Task ALookIsARareReadOfTheStoreAndNobodysSessionIsNotLookedAt()
    {
        foreach (var (session, most) in new (SessionId?, int)[] { (new("s"), 40), (User, 80), (null, 0), (SessionId.Conversation("c"), 0) })
        {
            var store = new CountingStore();
            var guard = AegisGuard.Create(AegisPolicy.Preset("balanced"), builder => builder.UseSessionStore(store).UseTimeProvider(new FakeTimeProvider()));
            var monitor = new StreamMonitor(guard.Pipeline, new(guard, session, parent: null, startedByMessages: false));
            for (var i = 0; i < 10_000; i++)
            {
                await PushAsync(monitor, "a");
            }

            Assert.Null(monitor.Stopped);
            Assert.InRange(store.Reads, most / 2, most);
        }
    }

    [Fact]
    public async Task WhereTheStoreFailsNobodyKnowsWhetherTheAnswerMayGoOn()
    {
        var store = new CountingStore { Fails = true };
        var guard = AegisGuard.Create(new() { Output = Unread }, builder => builder.UseSessionStore(store));
        var monitor = new StreamMonitor(guard.Pipeline, new(guard, User, parent: null, startedByMessages: false));
        Assert.Equal(256, (await PushAsync(monitor, new('a', 256)) + await PushAsync(monitor, "more")).Length);
        Assert.Equal("session/unavailable", monitor.Stopped?.Verdict.Rule);
    }

    [Fact]
    public async Task InMonitorModeALockEndsNoAnswer()
    {
        var guard = AegisGuard.Create(new() { Mode = PolicyMode.Monitor, Output = Unread });
        await guard.Sessions.BanAsync(User, cancellationToken: Cancel);
        var monitor = new StreamMonitor(guard.Pipeline, new(guard, User, parent: null, startedByMessages: false));
        Assert.Equal(600, (await PushAsync(monitor, new('a', 300)) + await PushAsync(monitor, new('a', 300))).Length);
    }

    private static readonly SessionId User = new("s", "ann");

    private sealed class CountingStore : ISessionStore
    {
        private readonly MemorySessionStore _store = new();
        private int _reads;

        public int Reads => _reads;

        public bool Fails { get; init; }

        public ValueTask<SessionState> ReadAsync(SessionId id, CancellationToken cancellationToken)
        {
            _reads++;
            return Fails ? throw new InvalidOperationException() : _store.ReadAsync(id, cancellationToken);
        }

        public ValueTask<TResult> UpdateAsync<TArgument, TResult>(SessionId id, Func<SessionState, TArgument, (SessionState State, TResult Result)> change, TArgument argument, CancellationToken cancellationToken) =>
            _store.UpdateAsync(id, change, argument, cancellationToken);
    }

    private static async Task<string> PushAsync(StreamMonitor monitor, string piece) => (await monitor.PushAsync(piece, Cancel)).ToString();

    private static async Task<string> FlushAsync(StreamMonitor monitor) => (await monitor.FlushAsync(Cancel)).ToString();

    private static StreamMonitor Monitor(AegisGuard guard) => new(guard.Pipeline, new(guard, new("s"), parent: null, startedByMessages: false));

    private static async Task<(string Released, string? Rule)> Run(AegisGuard guard, IEnumerable<string> chunks)
    {
        var monitor = Monitor(guard);
        var released = "";
        foreach (var chunk in chunks)
        {
            released += await PushAsync(monitor, chunk);
        }

        released += await FlushAsync(monitor);
        return (released, monitor.Stopped?.Verdict.Rule);
    }

    private static IEnumerable<string> Cut(string text, int[] sizes)
    {
        for (int at = 0, i = 0; at < text.Length; i++)
        {
            var size = Math.Min(sizes[i % sizes.Length], text.Length - at);
            yield return text.Substring(at, size);
            at += size;
        }
    }

    /// <summary>The contract, said another way: mark every character of every match, cut at the first end, write one placeholder for each marked stretch.</summary>
    private static string Expected(string text, int max, int before = int.MaxValue)
    {
        using var canonical = CanonicalText.Of(text);
        var end = text.Length <= max ? text.Length : max < text.Length && char.IsSurrogatePair(text[max - 1], text[max]) ? max - 1 : max;
        var marked = new bool[text.Length];
        foreach (var pattern in Redact.Concat(Block).Select(Pattern.Parse))
        {
            for (var from = 0; from < canonical.Length && pattern.Find(canonical.Text, from) is var (start, length); from = start + 1)
            {
                var range = canonical.RangeOf(start, length);
                if (Block.Contains(pattern.Source))
                {
                    end = Math.Min(end, range.Start);
                }
                else
                {
                    Array.Fill(marked, true, range.Start, range.End - range.Start);
                }
            }
        }

        return string.Concat(text.Take(Math.Min(end, before)).Select((c, i) => !marked[i] ? $"{c}" : i > 0 && marked[i - 1] ? "" : "[REDACTED]"));
    }

    /// <summary><c>{3:a}</c> is aaa.</summary>
    private static string Fill(string text) =>
        System.Text.RegularExpressions.Regex.Replace(text, @"\{(\d+):(.)\}", match => new(match.Groups[2].Value[0], int.Parse(match.Groups[1].Value)));

    private sealed class ListSink(List<AegisEvent> events) : IEventSink
    {
        public void Write(AegisEvent e) => events.Add(e);
    }

    private sealed class WindowGuard(Finding finding) : IGuard<OutputWindow>
    {
        public ValueTask<Verdict> InspectAsync(OutputWindow subject, GuardContext context, CancellationToken cancellationToken) => new(Verdict.Of(finding));
    }

    private sealed class ThrowingReader(int times) : IOutputReader
    {
        private int _times = times;

        public int Settled(ReadOnlySpan<char> text, OutputPlace place, ref int resume, out bool isClean)
        {
            isClean = true;
            return _times-- > 0 ? throw new InvalidOperationException("secret") : text.Length;
        }

        public int ContextOf(ReadOnlySpan<char> text) => 0;
    }
}
