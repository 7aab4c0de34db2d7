using System.Text;
using System.Text.Json;
using Aegis.Auditing;
using Aegis.Core.Tests.Sessions;
using Aegis.Policies;
using Aegis.Policies.Documents;
using Microsoft.Extensions.Time.Testing;

namespace Aegis.Core.Tests.Auditing;

/// <summary>No member of <c>audit</c> without an effect, and none that is believed.</summary>
public sealed class AuditPolicyTests : IDisposable
{
    private const string Other = "another-secret-of-thirty-two-bytes";

    private static readonly SessionId Session = new("s");

    private static readonly Dictionary<string, (AuditPolicy Without, AuditPolicy With)> Effects = new()
    {
        ["Level"] = (new(), new() { Level = AuditLevel.ViolationsOnly }),
        ["RedactContent"] = (new(), new() { RedactContent = false }),
        ["Content"] = (new(), new() { Content = AuditContentMode.Hashed, ContentKey = Other }),
        ["ContentKey"] = (new() { Content = AuditContentMode.Encrypted, ContentKey = LogFolder.Secret }, new() { Content = AuditContentMode.Encrypted, ContentKey = Other }),
        ["Transports"] = (new(), new() { Transports = ["mine"] }),
        ["Path"] = (new(), new() { Path = "other.jsonl" }),
        ["Key"] = (new(), new() { Key = LogFolder.Secret }),
        ["Keys"] = (new() { Keys = [new("k1", LogFolder.Secret)] }, new() { Keys = [new("k2", Other), new("k1", LogFolder.Secret)] }),
        ["Rotation.Size"] = (new(), new() { Rotation = new() { Size = 4096 } }),
        ["Rotation.Keep"] = (new() { Rotation = new() { Size = 4096 } }, new() { Rotation = new() { Size = 4096, Keep = 1 } }),
        ["Rotation.Every"] = (new(), new() { Rotation = new() { Every = TimeSpan.FromMinutes(1) } }),
        ["CheckpointRecords"] = (new(), new() { CheckpointRecords = 5 }),
        ["CheckpointTo"] = (new(), new() { CheckpointTo = "copies.jsonl" }),
        ["CheckpointInterval"] = (new(), new() { CheckpointInterval = TimeSpan.FromSeconds(30) }),
        ["BackPressure"] = (new() { Path = "busy.jsonl" }, new() { Path = "busy.jsonl", BackPressure = AuditBackPressure.Spill }),
        ["SpillTo"] = (new() { Path = "busy.jsonl", BackPressure = AuditBackPressure.Spill }, new() { Path = "busy.jsonl", BackPressure = AuditBackPressure.Spill, SpillTo = "else.jsonl" }),
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("aegis-audit").FullName;

    public static TheoryData<string> Members => [.. Effects.Keys];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, MemberData(nameof(Members))]
    public async Task EveryMemberHasAnEffect(string member)
    {
        var (without, with) = Effects[member];
        Assert.NotEqual(await ShowAsync(without, "a"), await ShowAsync(with, "b"));
    }

    [Theory, InlineData(1, false), InlineData(60, true)]
    public async Task AnInspectionWaitsForItsRecordAsLongAsTimeoutSays(int seconds, bool passes)
    {
        var (time, open) = (new FakeTimeProvider(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var guard = Given.Guard(Given.Open with { Audit = new() { Transports = ["mine"], Required = true, Timeout = TimeSpan.FromSeconds(seconds) } }, time, more: builder => builder.AddAuditTransport("mine", new Delegated(_ => new(open.Task))));
        var inspecting = guard.InspectAsync(new UserInput("x"), Session, Given.Cancel).AsTask();
        Assert.False(inspecting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));
        if (!passes)
        {
            Assert.Equal("audit/unavailable", (await inspecting).Verdict.Rule);
        }

        open.SetResult();
        Assert.Equal(passes, (await inspecting).MayProceed);
        await guard.DisposeAsync();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task OnlyARequiredLogCanBlock(bool required)
    {
        var guard = Given.Guard(Given.Open with { Audit = new() { Transports = ["mine"], Required = required, Timeout = TimeSpan.FromSeconds(1) } }, more: builder => builder.AddAuditTransport("mine", new Delegated(static _ => throw new InvalidOperationException())).UseTimeProvider(TimeProvider.System));
        Assert.Equal(!required, (await guard.InspectAsync(new UserInput("x"), Session, Given.Cancel)).MayProceed);
        await guard.DisposeAsync();
    }

    [Theory, InlineData(AuditSync.Never, 0), InlineData(AuditSync.Checkpoint, 1), InlineData(AuditSync.Always, 3)]
    public void FsyncSaysWhenTheFileIsForcedOntoTheDisk(AuditSync sync, int syncs)
    {
        using var log = new LogFolder();
        using var file = log.Open(new() { Fsync = sync });
        file.Write("a");
        file.Write("b");
        file.Checkpoint();
        Assert.Equal(syncs, file.Syncs);
    }

    [Theory]
    [InlineData("""{"transports":[]}""", "AEG118 $.audit.transports")]
    [InlineData("""{"transports":["siem"]}""", "AEG110 $.audit.transports")]
    [InlineData("""{"transports":["json file"]}""", "AEG124 $.audit.transports[0]")]
    [InlineData("""{"transports":["console"],"required":true}""", "AEG121 $.audit.required")]
    [InlineData("""{"key":"a-literal-secret-of-thirty-two-bytes"}""", "AEG125 $.audit.key")]
    [InlineData("""{"key":"${env:AEGIS_NOT_SET}"}""", "AEG125 $.audit.key")]
    [InlineData("""{"keys":[{"id":"k1","secret":"${env:AEGIS_NOT_SET}"}]}""", "AEG125 $.audit.keys[0].secret")]
    [InlineData("""{"keys":[{"id":"k1","secret":"${env:PATH}"},{"id":"k1","secret":"${env:PATH}"}]}""", "AEG105 $.audit.keys[1].id")]
    [InlineData("""{"content":"encrypted"}""", "AEG118 $.audit.contentKey")]
    [InlineData("""{"content":"hashed","contentKey":"${env:AEGIS_NOT_SET}"}""", "AEG125 $.audit.contentKey")]
    [InlineData("""{"content":"hashed","contentKey":"a-literal-secret-of-thirty-two-bytes"}""", "AEG125 $.audit.contentKey")]
    [InlineData("""{"content":"encrypted","contentKey":"${env:PATH}","key":"${env:PATH}"}""", "AEG121 $.audit.contentKey")]
    [InlineData("""{"content":"all"}""", "AEG113 $.audit.content")]
    [InlineData("""{"level":"everything"}""", "AEG113 $.audit.level")]
    [InlineData("""{"path":"logs/"}""", "AEG124 $.audit.path")]
    [InlineData("""{"rotation":{"size":"50 megabytes"}}""", "AEG114 $.audit.rotation.size")]
    [InlineData("""{"rotation":{"size":"1KB"}}""", "AEG114 $.audit.rotation.size")]
    [InlineData("""{"rotation":{"keep":0}}""", "AEG114 $.audit.rotation.keep")]
    [InlineData("""{"timeout":"1 second"}""", "AEG115 $.audit.timeout")]
    [InlineData("""{"checkpointRecords":0}""", "AEG114 $.audit.checkpointRecords")]
    [InlineData("""{"checkpointTo":"siem"}""", "AEG110 $.audit.checkpointTo")]
    [InlineData("""{"checkpointTo":"json-file"}""", "AEG121 $.audit.checkpointTo")]
    [InlineData("""{"path":"a.jsonl","checkpointTo":"./a.jsonl"}""", "AEG121 $.audit.checkpointTo")]
    [InlineData("""{"transports":["console"],"checkpointTo":"a.jsonl"}""", "AEG121 $.audit.checkpointTo")]
    [InlineData("""{"transports":["console"],"backPressure":"spill"}""", "AEG121 $.audit.backPressure")]
    [InlineData("""{"path":"a.jsonl","backPressure":"spill","spillTo":"b/../a.jsonl"}""", "AEG121 $.audit.spillTo")]
    [InlineData("""{"otel":true}""", "AEG110 $.audit.otel")]
    public void AMistakeIsNamedAtStart(string audit, string mistake)
    {
        var file = Path.Combine(_folder, "p.json");
        File.WriteAllText(file, "{\"extends\":\"balanced\",\"audit\":" + audit + "}");
        var error = Assert.Throws<PolicyException>(() => AegisGuard.Create(AegisPolicy.Load(file))).Errors[0];
        Assert.Equal(mistake, $"{error.Code} {error.Path}");
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheContentsKeyIsNotThatOfTheChainUnderAnotherName()
    {
        Environment.SetEnvironmentVariable("AEGIS_CHAIN_KEY_OF_A_TEST", LogFolder.Secret);
        Environment.SetEnvironmentVariable("AEGIS_CONTENT_KEY_OF_A_TEST", LogFolder.Secret);
        var policy = AegisPolicy.Parse("""{"extends":"balanced","audit":{"content":"encrypted","contentKey":"${env:AEGIS_CONTENT_KEY_OF_A_TEST}","key":"${env:AEGIS_CHAIN_KEY_OF_A_TEST}"}}""", PolicyFormat.Json);
        var error = Assert.Throws<PolicyException>(() => AegisGuard.Create(policy)).Errors[0];
        Assert.Equal("$.audit.contentKey", error.Path);
        Assert.Contains("is a key of the chain too", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void KeyAndKeysContradictEachOther() =>
        Assert.Equal("AEG121", Assert.Single(Assert.Throws<PolicyException>(() => AegisGuard.Create(Given.Open with { Audit = new() { Key = LogFolder.Secret, Keys = [new("k1", Other)] } })).Errors).Code);

    [Fact]
    public void AnUnknownTransportIsRefusedWithAWayOut() =>
        Assert.Contains("AddAuditTransport(\"loger\"", Assert.Single(Assert.Throws<PolicyException>(static () => AegisGuard.Create(Given.Open with { Audit = new() { Transports = ["loger"] } })).Errors).Message, StringComparison.Ordinal);

    [Theory, InlineData("50MB", 50L << 20), InlineData("4096", 4096), InlineData("2GB", 2L << 30), InlineData("1TB", 1L << 40)]
    public void SizesAreWrittenWithTheirUnit(string said, long bytes)
    {
        var policy = AegisPolicy.Parse("{\"audit\":{\"rotation\":{\"size\":\"" + said + "\"}}}", PolicyFormat.Json);
        Assert.Equal(bytes, policy.Audit!.Rotation.Size);
        Assert.Equal(bytes, AegisPolicy.Parse(PolicySchema.Write(PolicyShape.Root.Write(policy)), PolicyFormat.Json).Audit!.Rotation.Size);
    }

    [Fact]
    public void APolicyThatRecordsLessIsNoNarrowerOne()
    {
        var required = Given.Open with { Audit = new() { Required = true } };
        Assert.True(required.IsNarrowerThan(Given.Open));
        Assert.True(required.IsNarrowerThan(required));
        Assert.False(Given.Open.IsNarrowerThan(required));
        Assert.False((required with { Audit = new() }).IsNarrowerThan(required));
        Assert.False((required with { Audit = new() { Required = true, Level = AuditLevel.Actions } }).IsNarrowerThan(required));
        Assert.False((required with { Audit = new() { Required = true, Fsync = AuditSync.Never } }).IsNarrowerThan(required));
        Assert.False((required with { Audit = new() { Required = true, BackPressure = AuditBackPressure.Spill } }).IsNarrowerThan(required));
        Assert.False((required with { Audit = new() { Required = true, Timeout = TimeSpan.FromMinutes(1) } }).IsNarrowerThan(required));
        Assert.True((required with { Audit = new() { Required = true, Fsync = AuditSync.Always } }).IsNarrowerThan(required));
    }

    /// <summary>What a log holds after the same few inspections.</summary>
    private async Task<string> ShowAsync(AuditPolicy audit, string name)
    {
        var (folder, time, mine) = (Path.Combine(_folder, name), new FakeTimeProvider(), new List<string>());
        Directory.CreateDirectory(folder);
        string At(string file) => Path.Combine(folder, Path.GetFileName(file));
        using var busy = new FileStream(At("busy.jsonl.lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        audit = audit with { Path = At(audit.Path), SpillTo = audit.SpillTo is { } spill ? At(spill) : null, CheckpointTo = audit.CheckpointTo is { } to ? At(to) : null };
        var guard = Given.Guard(Given.Open with { Audit = audit, Capabilities = new() { Allow = ["get"] } }, time, more: builder => builder.AddAuditTransport("mine", new Delegated(records =>
        {
            mine.AddRange(records.Select(static record => record.Type));
            return default;
        })));
        for (var i = 0; i < 40; i++)
        {
            await guard.InspectAsync(new UserInput("x"), Session, Given.Cancel);
            if (!audit.Path.Contains("busy", StringComparison.Ordinal) || audit.BackPressure == AuditBackPressure.Spill)
            {
                await guard.FlushAuditAsync(Given.Cancel);
            }
        }

        time.Advance(TimeSpan.FromSeconds(40));
        await guard.InspectAsync(new Aegis.ToolCall("made up", Aegis.Tools.ToolArguments.Empty) { Tools = guard.Tools("get") }, Session, Given.Cancel);
        if (!audit.Path.Contains("busy", StringComparison.Ordinal))
        {
            await guard.FlushAuditAsync(Given.Cancel);
            for (var i = 0; i < 10; i++)   // a checkpoint is due in the background, before the record or behind it: of several rounds the number tells
            {
                time.Advance(TimeSpan.FromSeconds(40));
                await guard.InspectAsync(new UserInput("x"), Session, Given.Cancel);
                await guard.FlushAuditAsync(Given.Cancel);
            }
        }

        await guard.DisposeAsync();
        var shown = new StringBuilder(string.Join(' ', mine));
        foreach (var file in Directory.GetFiles(folder).Where(static file => !file.EndsWith(".lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            shown.Append(Path.GetFileName(file)).Append(':');
            foreach (var line in LogFolder.Read(file).Select(static line => JsonDocument.Parse(line).RootElement))
            {
                shown.AppendJoin(',', new[] { "type", "key", "tool", "details" }.Select(member => line.TryGetProperty(member, out var value) ? value.ToString() : ""));
                shown.AppendJoin('.', line.TryGetProperty("replay", out var replay) ? replay.GetString()!.Split('.')[..2] : []).Append(' ');   // how, and with what key
            }
        }

        return shown.ToString();
    }

    private sealed class Delegated(Func<IReadOnlyList<AuditRecord>, ValueTask> write) : IAuditTransport
    {
        public ValueTask WriteAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellationToken) => write(records);
    }
}
