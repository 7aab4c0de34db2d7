namespace Aegis.Answers;

/// <summary>What the guards of answers remember of a run: which parts of the canary tokens its answers have said, and what its instructions are. Thread-safe.</summary>
internal sealed class AnswerMemory
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, UInt128> _said = new(StringComparer.Ordinal);
    private InstructionText[] _instructions = [];

    /// <summary>The texts that say what the model is to do.</summary>
    public ReadOnlySpan<InstructionText> Instructions => Volatile.Read(ref _instructions);

    /// <summary>Remembers instructions.</summary>
    public void Protect(InstructionText instructions)
    {
        lock (_lock)
        {
            if (!Array.Exists(_instructions, known => ReferenceEquals(known, instructions)))
            {
                Volatile.Write(ref _instructions, [.. _instructions, instructions]);
            }
        }
    }

    /// <summary>What was said of tokens so far.</summary>
    public IReadOnlyList<(string Token, UInt128 Places)> Said
    {
        get
        {
            lock (_lock)
            {
                return [.. _said.Select(static said => (said.Key, said.Value))];
            }
        }
    }

    /// <summary>Adds places of a token that an answer has said.</summary>
    /// <returns>All that answers of the run have said.</returns>
    public UInt128 Say(string token, UInt128 places)
    {
        lock (_lock)
        {
            return _said[token] = _said.GetValueOrDefault(token) | places;
        }
    }
}
