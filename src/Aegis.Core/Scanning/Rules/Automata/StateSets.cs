namespace Aegis.Scanning.Rules.Automata;

/// <summary>
/// The sets of states that texts have reached, each once: numbers, and in a table where each symbol leads from them. What is in the table stays; sets are
/// added by one thread at a time, and read by any.
/// </summary>
internal sealed class StateSets
{
    /// <summary>In the table: not known yet.</summary>
    public const int Unknown = 0;

    /// <summary>In the table: no match can end any more.</summary>
    public const int Dead = 1;

    /// <summary>In the table: a match has ended.</summary>
    public const int Accepting = 2;

    /// <summary>The number of the first set.</summary>
    public const int FirstSet = 3;

    private const int OwnWays = 16_384;      // entries of the table, 2 bytes each, that every automaton may keep
    private const int MostWays = 131_072;    // and that it may keep while not too many are kept
    private const int AllWays = 4_194_304;   // by all together: 8 MB, and as much for what the sets are
    private const int Min = 64;              // sets
    private const int Max = 60_000;          // sets; numbers are of 16 bits, and threads may add some at once

    private const int AfterWord = 1;   // the last character was of a word
    private const int NoFurther = 2;   // no further match begins

    private static int _held;   // ways, of all automata

    private readonly AutomatonState[] _states;
    private readonly Alphabet _alphabet;
    private readonly List<(int[] States, int Flags)> _sets = [([], 0), ([], 0), ([], 0)];
    private readonly Dictionary<(int[] States, int Flags), int> _numbers = new(new SameNumbers());
    private readonly List<int> _closed = [0, 0, 0];       // of each set the one that is the same but closed; 0: not known
    private readonly List<byte> _ends = [0, 0, 0];        // of each, 2 bits each, whether a match ends there before a word, before none; 0: not known, 1: no, 2: yes
    private readonly Lock _lock = new();
    private ushort[] _table;
    private bool _isLeft;

    public StateSets(AutomatonState[] states, Alphabet alphabet)
    {
        (_states, _alphabet) = (states, alphabet);
        _table = new ushort[(FirstSet + 2) * alphabet.Count];
        lock (_lock)
        {
            Number([states.Length - 1], 0);
            Number([states.Length - 1], AfterWord);
        }
    }

    /// <summary>Those of rules that are gone, as guards with packs of their own may be.</summary>
    ~StateSets() => Leave();

    /// <summary>Where symbols lead: the set times the number of symbols, and the symbol.</summary>
    public ushort[] Table => Volatile.Read(ref _table);

    public bool IsFull
    {
        get
        {
            lock (_lock)
            {
                return _sets.Count >= Min && (_sets.Count >= Max || _sets.Count * _alphabet.Count >= (Volatile.Read(ref _held) < AllWays ? MostWays : OwnWays));
            }
        }
    }

    /// <summary>Where a text begins.</summary>
    public static int First(bool isAfterWord) => isAfterWord ? FirstSet + 1 : FirstSet;

    /// <summary>Gives its share of what all may keep back.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            if (!_isLeft)
            {
                _isLeft = true;
                Interlocked.Add(ref _held, -(_sets.Count - FirstSet) * _alphabet.Count);
            }
        }
    }

    /// <summary>The number that a set of others has here.</summary>
    public int Adopt(StateSets others, int set)
    {
        (int[] States, int Flags) other;
        lock (others._lock)
        {
            other = others._sets[set];
        }

        lock (_lock)
        {
            return Number(other.States, other.Flags);
        }
    }

    /// <summary>The same set, in which no further match begins.</summary>
    public int Closed(int set)
    {
        lock (_lock)
        {
            var (states, flags) = _sets[set];
            return (flags & NoFurther) != 0 ? set : _closed[set] != 0 ? _closed[set] : _closed[set] = Number(states[..^1], flags | NoFurther);
        }
    }

    /// <summary>Finds where a symbol leads, and notes it.</summary>
    /// <returns>The set, <see cref="Dead"/> or <see cref="Accepting"/>.</returns>
    public int Step(int set, int symbol)
    {
        lock (_lock)
        {
            var (states, flags) = _sets[set];
            var isOfWord = _alphabet.IsOfWord(symbol);
            using var reach = new Reach(_states);
            reach.Close(states, ((flags & AfterWord) != 0) != isOfWord);
            var next = reach.Accepts ? Accepting
                : reach.Read(_alphabet, symbol, (flags & NoFurther) != 0 ? null : _states.Length - 1) is { IsEmpty: false } read ? Number(read.ToArray(), (flags & NoFurther) | (isOfWord ? AfterWord : 0))
                : Dead;
            Volatile.Write(ref _table[(set * _alphabet.Count) + symbol], (ushort)next);
            return next;
        }
    }

    /// <summary>Whether a match ends at a set, before a word or not.</summary>
    public bool Ends(int set, bool isBeforeWord)
    {
        lock (_lock)
        {
            var shift = isBeforeWord ? 2 : 0;
            var known = (_ends[set] >> shift) & 3;
            if (known == 0)
            {
                var (states, flags) = _sets[set];
                using var reach = new Reach(_states);
                reach.Close(states, ((flags & AfterWord) != 0) != isBeforeWord);
                known = reach.Accepts ? 2 : 1;
                _ends[set] |= (byte)(known << shift);
            }

            return known == 2;
        }
    }

    private int Number(int[] states, int flags)
    {
        if (_numbers.TryGetValue((states, flags), out var known))
        {
            return known;
        }

        var number = _sets.Count;
        _sets.Add((states, flags));
        _closed.Add(0);
        _ends.Add(0);
        _numbers.Add((states, flags), number);
        if (_sets.Count * _alphabet.Count > _table.Length)
        {
            var larger = new ushort[2 * _table.Length];
            _table.CopyTo(larger, 0);
            Volatile.Write(ref _table, larger);
        }

        if (!_isLeft)
        {
            Interlocked.Add(ref _held, _alphabet.Count);
        }

        return number;
    }
}
