using System.Text.Json;
using Aegis.Flow;
using Aegis.Flow.Placeholders;
using Aegis.Tools;

namespace Aegis.Replaying;

/// <summary>What is heard from outside, as bytes.</summary>
internal static class TapeCodecs
{
    private const int MaxName = 1_024;   // of a tool or a field in a result

    private static readonly SessionId Kept = SessionId.Instance("tape");   // the tape is bound to its record, and says by itself whose state it is

    public static TapeCodec<DateTimeOffset> Time { get; } = new(static (writer, time) => writer.Time(time), static reader => reader.Time());

    public static TapeCodec<bool> Flag { get; } = new(static (writer, flag) => writer.Flag(flag), static reader => reader.Flag());

    public static TapeCodec<double> Double { get; } = new(static (writer, number) => writer.Fixed(number), static reader => reader.Double());

    public static TapeCodec<IReadOnlyCollection<string>> Names { get; } = new(static (writer, names) => writer.Names(names), static reader => reader.Names());

    /// <summary>What the guards of the app have said.</summary>
    public static TapeCodec<IReadOnlyList<HeardGuard>> Guards { get; } = new(static (writer, all) => writer.All(all, guard => HeardGuard.Write(writer, guard)), static reader => reader.All(() => HeardGuard.Read(reader)));

    public static TapeCodec<string?> Text { get; } = new(static (writer, text) => writer.Text(text), static reader => reader.Text());

    public static TapeCodec<SessionPlaceholders?> Placeholders { get; } = new(
        static (writer, placeholders) => writer.Optional(placeholders, all => writer.All(all.Values, value =>
        {
            writer.Text(value.Key);
            writer.Text(value.Value);
        })),
        static reader => reader.Optional(() => SessionPlaceholders.Of(reader.All(() => KeyValuePair.Create(reader.Name(), reader.Name())))));

    /// <summary>What entered a session, whole.</summary>
    public static TapeCodec<FlowMemory?> Memory { get; } = MemoryOf(static memory => memory.Picture(isWhole: true));

    /// <summary>The same without what tools returned, for texts.</summary>
    public static TapeCodec<FlowMemory?> Tails { get; } = MemoryOf(static memory => memory.Picture(isWhole: false));

    public static TapeCodec<PinReading> Pins(Toolset tools, Policies.ToolIntegrityMode mode, Func<ToolInfo, ToolPin?> pinOf) => new(
        static (writer, reading) =>
        {
            VerdictCodec.Finding.Write(writer, reading.Broken);
            writer.Optional(reading.Tools, known => writer.All(known.Index.Pins, pin =>
            {
                writer.Name(pin.Server);
                writer.Name(pin.Name);
                writer.Name(pin.Content);
            }));
        },
        reader =>
        {
            var broken = VerdictCodec.Finding.Read(reader);
            var pins = reader.Optional(() => reader.All(() => new ToolPin(reader.Name(), reader.Name(), reader.Name())));
            return new(pins is null ? null : new([.. tools.Entries.Select(entry => (entry, pinOf(entry.Tool)))], new(pins), mode, isFull: true), broken);
        });

    /// <summary>The state of a session before it was changed. Where content is not kept, without hashes of what users typed, and with others in place of those of calls.</summary>
    public static TapeCodec<SessionState> State { get; } = new(
        static (writer, state) => writer.Bytes((writer.IsHashed ? Masked(writer, state) : state).ToBytes(Kept)),
        static reader => SessionState.FromBytes(Kept, reader.Bytes()));

    /// <summary>What people answered, or why they have not.</summary>
    public static TapeCodec<(IReadOnlyList<ApprovalAnswer> Answers, Finding? Failed)> Approvals { get; } = new(
        static (writer, said) =>
        {
            writer.All(said.Answers, answer =>
            {
                writer.Byte((byte)((answer.IsGiven ? 1 : 0) | (answer.Approves ? 2 : 0)));
                writer.Optional(answer.Arguments, arguments => SubjectCodec.Arguments.Write(writer, arguments));
            });
            VerdictCodec.Finding.Write(writer, said.Failed);
        },
        static reader => (reader.All(() => ReadAnswer(reader)), VerdictCodec.Finding.Read(reader)));

    /// <summary>Data that was taken out of a text.</summary>
    public static TapeCodec<(JsonElement? Value, Finding Finding)> Extraction { get; } = new(
        static (writer, taken) =>
        {
            writer.Text(taken.Value?.GetRawText());
            VerdictCodec.Write(writer, taken.Finding);
        },
        static reader => (reader.Text() is { } json ? JsonElement.Parse(json.Length == 0 ? "null" : json) : null, VerdictCodec.ReadFinding(reader)));

    /// <summary>What a judge had answered to the same question before; one that is asked something else now has not.</summary>
    public static TapeCodec<JudgeReply?> Known(UInt128 question) => new(
        (writer, reply) =>
        {
            writer.Fixed((ulong)(question >> 64));
            writer.Fixed((ulong)question);
            writer.Optional(reply, known => Write(writer, known));
        },
        reader => new UInt128(reader.Fixed(), reader.Fixed()) == question ? reader.Optional(() => ReadReply(reader)) : throw new DivergedException("the judge is asked something else"));

    public static TapeCodec<(JudgeReply? Reply, TokenUsage Usage, (string Rule, string? Detail)? Failure)> Judged { get; } = new(
        static (writer, heard) =>
        {
            writer.Optional(heard.Reply, reply => Write(writer, reply));
            WorkCodec.Write(writer, heard.Usage);
            writer.Optional(heard.Failure, failure =>
            {
                writer.Name(failure.Rule);
                writer.Name(failure.Detail);
            });
        },
        static reader => (reader.Optional(() => ReadReply(reader)), WorkCodec.ReadUsage(reader), reader.OptionalValue(() => (reader.Name(), reader.Text()))));

    private static ApprovalAnswer ReadAnswer(TapeReader reader)
    {
        var (marks, arguments) = (reader.Byte(), reader.Optional(() => SubjectCodec.Arguments.Read(reader)));
        return arguments is not null ? ApprovalAnswer.Edited(arguments) : marks == 0 ? default : (marks & 2) != 0 ? ApprovalAnswer.Yes : ApprovalAnswer.No;
    }

    private static void Write(TapeWriter writer, JudgeReply reply)
    {
        writer.Byte((byte)reply.Verdict);
        writer.Fixed(reply.Confidence);
        WorkCodec.Write(writer, reply.Usage);
    }

    private static JudgeReply ReadReply(TapeReader reader) => new((JudgeVerdict)reader.Byte(), reader.Double()) { Usage = WorkCodec.ReadUsage(reader) };

    private static TapeCodec<FlowMemory?> MemoryOf(Func<FlowMemory, FlowPicture> picture) => new(
        (writer, memory) => writer.Optional(memory, known =>
        {
            var now = picture(known);
            if (now.Everything.LongestName > MaxName)
            {
                throw new TapeFullException();
            }

            writer.Bytes(FlowEntryCodec.Write(now.Everything, now.Seed, isWhole: true));
            writer.Text(now.Typed);
            writer.Text(now.Returned);
            writer.Byte((byte)now.Forgotten);
            writer.Flag(now.IsShared);
        }),
        static reader => reader.Optional(() =>
        {
            var (entry, seed) = FlowEntryCodec.Read(reader.Bytes());
            return FlowMemory.Of(new(entry, seed, reader.Name(), reader.Name(), reader.Byte(), reader.Flag()));
        }));

    private static SessionState Masked(TapeWriter writer, SessionState state) =>
        state with { Runs = [.. state.Runs.Select(run => run with { Trail = writer.Masked(run.Trail) })], Pending = [], Risks = null, Strikes = [], Histories = [] };
}
