using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Aegis.Answers;

/// <summary>Instructions that were read lately: they are the same in every request. Thread-safe.</summary>
internal sealed class InstructionTexts
{
    private const int MaxTexts = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, InstructionText> _known = [];
    private readonly Queue<UInt128> _order = [];

    public InstructionText Of(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan()), hash);
        var key = MemoryMarshal.Read<UInt128>(hash);
        lock (_lock)
        {
            if (_known.TryGetValue(key, out var known))
            {
                return known;
            }
        }

        var read = new InstructionText(text);
        lock (_lock)
        {
            if (!_known.TryAdd(key, read))
            {
                return _known[key];
            }

            _order.Enqueue(key);
            if (_order.Count > MaxTexts)
            {
                _known.Remove(_order.Dequeue());
            }
        }

        return read;
    }
}
