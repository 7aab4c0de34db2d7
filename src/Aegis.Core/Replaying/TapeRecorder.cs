using System.Buffers.Binary;
using System.Security.Cryptography;
using Aegis.Auditing;
using Aegis.Events;
using Aegis.Guarding;

namespace Aegis.Replaying;

/// <summary>Keeps what one inspection, or those of one step, hear from outside. The same bytes are kept once. Thread-safe.</summary>
internal sealed class TapeRecorder : Tape
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<int>> _channels = new(StringComparer.Ordinal);
    private readonly Dictionary<UInt128, int> _known = [];
    private readonly List<byte[]> _blobs = [];
    private readonly byte[] _begin;
    private readonly ContentKey _key;
    private readonly string _policyHash;
    private readonly int _count;
    private int _room = ReplayToken.MaxBytes;
    private DecisionId? _head;
    private (ReplayTokenKind Kind, string Why)? _refusal;
    private Exception? _failure;

    /// <param name="key">Seals, or hashes.</param>
    /// <param name="isHashed">Whether it keeps no content.</param>
    /// <param name="rules">Which Aegis judges, and with which rules: see <see cref="RuleFingerprint"/>.</param>
    /// <param name="deciding">Hash of all of the policy that decides.</param>
    /// <param name="policyHash">Which policy, as the record says.</param>
    /// <param name="kind">How the pipeline is asked.</param>
    /// <param name="subjects">What is judged.</param>
    /// <param name="run">The run.</param>
    /// <param name="finding">What the adapter has found; null: nothing.</param>
    public TapeRecorder(ContentKey key, bool isHashed, string rules, string deciding, string policyHash, TapeKind kind, IReadOnlyList<Subject> subjects, AegisRun run, Finding? finding)
    {
        (_key, IsHashed, _policyHash, _count) = (key, isHashed, policyHash, subjects.Count);
        _refusal = (run.ForeignParent is not null ? "it counts on the run of another guard or session" : isHashed ? Hashed(subjects) : null) is { } why ? (ReplayTokenKind.Never, why) : null;
        using var writer = new TapeWriter(isHashed ? key : null, _room);
        writer.Name(rules);
        writer.Name(deciding);
        writer.Byte((byte)kind);
        if (_refusal is null)
        {
            try
            {
                RunCodec.Write(writer, run);
                writer.All(subjects, subject => SubjectCodec.Write(writer, subject));
                VerdictCodec.Finding.Write(writer, finding);
            }
            catch (Exception e)   // an inspection does not fail because it is kept
            {
                Fail(e);
            }
        }

        _begin = _refusal is null ? writer.ToArray() : [];
        _room -= _begin.Length;
    }

    public override bool IsHashed { get; }

    public override bool IsPlaying => false;

    public override T Ask<T>(string channel, TapeCodec<T> codec, Func<T> real)
    {
        T answer;
        try
        {
            answer = real();
        }
        catch (Exception e)
        {
            Keep(channel, Failure, e.GetType().Name, isFailure: true);
            throw;
        }

        Keep(channel, codec, answer);
        return answer;
    }

    public override async ValueTask<T> AskAsync<T>(string channel, TapeCodec<T> codec, Func<ValueTask<T>> real)
    {
        T answer;
        try
        {
            answer = await real();
        }
        catch (Exception e)
        {
            Keep(channel, Failure, e.GetType().Name, isFailure: true);
            throw;
        }

        Keep(channel, codec, answer);
        return answer;
    }

    public override void Refuse(string why)
    {
        lock (_lock)
        {
            _refusal ??= (ReplayTokenKind.Never, why);
        }
    }

    public override IAuditContent ContentOf(Inspection outcome, int index = 0) => new Content(this, outcome, index);

    private static TapeCodec<string> Failure { get; } = new(static (writer, name) => writer.Name(name), static reader => reader.Name());

    /// <summary>Why inspections without their texts say nothing of these; null: they do.</summary>
    private static string? Hashed(IReadOnlyList<Subject> subjects)
    {
        foreach (var subject in subjects)
        {
            if (subject is not (ToolCall or ToolResult or ModelStep or ModelOutput))
            {
                return "it is about a text, and texts are not kept: audit.content is 'hashed'";
            }

            if (subject is ToolCall or ToolResult && !AegisEvent.ShowsTool(subject))
            {
                return "nobody offers the tool, and its name is not kept: audit.content is 'hashed'";
            }
        }

        return null;
    }

    private void Keep<T>(string channel, TapeCodec<T> codec, T answer, bool isFailure = false)
    {
        int room;
        lock (_lock)
        {
            if (_refusal is not null || _failure is not null)
            {
                return;
            }

            room = _room;
        }

        using var writer = new TapeWriter(IsHashed ? _key : null, room);
        try
        {
            writer.Flag(isFailure);
            codec.Write(writer, answer);
        }
        catch (Exception e)   // an inspection does not fail because it is kept
        {
            lock (_lock)
            {
                Fail(e);
            }

            return;
        }

        var blob = writer.ToArray();
        var hash = BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(blob));
        lock (_lock)
        {
            if (!_known.TryGetValue(hash, out var index))
            {
                _known[hash] = index = _blobs.Count;
                _blobs.Add(blob);
                _room -= blob.Length;
            }

            if (!_channels.TryGetValue(channel, out var heard))
            {
                _channels[channel] = heard = [];
            }

            heard.Add(index);
        }
    }

    /// <summary>What cannot be kept is left, so that nothing of it waits in memory.</summary>
    private void Fail(Exception e)
    {
        if (e is TapeFullException)
        {
            _refusal ??= (ReplayTokenKind.Failed, ReplayToken.TooLong);
        }
        else
        {
            _failure ??= e;
        }

        _blobs.Clear();
    }

    private string Seal(Inspection outcome, int index)
    {
        var record = ReplayToken.RecordOf(outcome.Id.ToString(), _policyHash);
        using var writer = new TapeWriter(IsHashed ? _key : null, ReplayToken.MaxBytes);
        lock (_lock)
        {
            if (_failure is not null)
            {
                throw new InvalidOperationException("Something of the inspection cannot be kept.", _failure);
            }

            if (_refusal is var (kind, why))
            {
                return ReplayToken.Of(_key, kind, why, record);
            }

            try
            {
                writer.Number(index);
                writer.Optional(_head is { } head && head != outcome.Id ? head.ToString() : null, writer.Name);
                if (_head is null || _head == outcome.Id)
                {
                    writer.Number(_count);
                    writer.Bytes(_begin);
                    writer.All(_blobs, blob => writer.Bytes(blob));
                    writer.All(_channels, channel =>
                    {
                        writer.Name(channel.Key);
                        writer.All(channel.Value, number => writer.Number(number));
                    });
                }

                TapeOutcome.Of(outcome, IsHashed).Write(writer);
            }
            catch (TapeFullException e)
            {
                Fail(e);
                return ReplayToken.Of(_key, ReplayTokenKind.Failed, ReplayToken.TooLong, record);
            }

            _head ??= outcome.Id;
        }

        return ReplayToken.Of(_key, IsHashed ? ReplayTokenKind.Hashed : ReplayTokenKind.Sealed, writer.ToArray(), record);
    }

    /// <summary>The content of one record.</summary>
    private sealed class Content(TapeRecorder tape, Inspection outcome, int index) : IAuditContent
    {
        public string Seal() => tape.Seal(outcome, index);

        public string Missing(string why) => ReplayToken.Of(tape._key, ReplayTokenKind.Failed, why, ReplayToken.RecordOf(outcome.Id.ToString(), tape._policyHash));
    }
}
