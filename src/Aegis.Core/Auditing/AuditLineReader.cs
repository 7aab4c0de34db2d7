namespace Aegis.Auditing;

/// <summary>Lines of a stream as bytes, one at a time.</summary>
internal sealed class AuditLineReader(Stream stream)
{
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private bool _isOver;

    /// <summary>Whether the line that was read last has an end; only the last one of a file can be without.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Whether nothing comes behind the line that was read last.</summary>
    public bool IsAtEnd => _isOver && _start == _end;

    /// <summary>Bytes up to the end of the last whole line.</summary>
    public long Position { get; private set; }

    /// <summary>The next line, without its end; false: there is none. One that is longer than <see cref="AuditLine.MaxLength"/> comes in parts.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        var searched = 0;
        while (true)
        {
            var held = _buffer.AsSpan(_start.._end);
            var end = held[searched..].IndexOf((byte)'\n');
            if (end >= 0)
            {
                line = held[..(searched + end)];
                _start += searched + end + 1;
                Position += searched + end + 1;
                IsWhole = true;
                return true;
            }

            searched = held.Length;
            if (_isOver || searched > AuditLine.MaxLength)
            {
                line = held;
                _start = _end;
                IsWhole = false;
                return held.Length > 0;
            }

            Fill();
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = stream.Read(_buffer.AsSpan(_end));
        _end += read;
        _isOver = read == 0;
    }
}
